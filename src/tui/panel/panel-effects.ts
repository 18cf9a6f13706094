// Owns the calls that the panel starts, and what they answer.
import type { Client } from '../../client/client.ts';
import type { Message, Outcome } from '../message.ts';
import { refusedOutcome } from '../outcome.ts';
import type { PanelEffect } from './panel-mode.ts';

/** Does the call; null when there is nothing to tell. Rejects only when the files cannot be watched: all else that goes wrong is in the message. */
export async function callForPanel(client: Client, effect: PanelEffect): Promise<Message | null> {
  switch (effect.type) {
    case 'watch-files': {
      const { files } = await client.call('task.watch-files', { task: effect.taskId });
      return files && { type: 'files-told', files };
    }
    case 'load-diff':
      return loadDiff(client, effect);
    case 'send-hint': {
      const { taskId, text } = effect;
      const outcome = await outcomeOf(client.call('guidance.send', { task: taskId, text }));
      return { type: 'hint-sent', taskId, outcome };
    }
    case 'answer': {
      const { taskId, questionId, words } = effect;
      const call = client.call('run.answer', { task: taskId, question: questionId, words: [...words] });
      return { type: 'answered', questionId, outcome: await outcomeOf(call) };
    }
  }
}

async function loadDiff(
  client: Client,
  { taskId, file }: Extract<PanelEffect, { type: 'load-diff' }>,
): Promise<Message> {
  const { path, from } = file;
  try {
    const params = { task: taskId, file: path, ...(from === null ? {} : { from }) };
    const { text, isCut } = await client.call('task.diff', params);
    return { type: 'diff-loaded', taskId, path, loaded: { lines: text.replace(/\n$/, '').split('\n'), isCut } };
  } catch (error) {
    return { type: 'diff-loaded', taskId, path, loaded: { refusal: refusedOutcome(error).text } };
  }
}

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return { ok: true, text: '' };
  } catch (error) {
    return refusedOutcome(error);
  }
}
