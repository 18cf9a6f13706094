// Owns what connects a run's agent, its pane and its transcript with the delivery of guidance; and what a killed server left undecided.

import { readPromptBox } from '../agent/prompt-box.ts';
import { Receipts } from '../agent/receipts.ts';
import type { Config } from '../config/schema.ts';
import { canHear, openGuidance } from '../domain/guidance.ts';
import { isActive, type TaskId } from '../domain/task.ts';
import type { Run } from '../domain/worker.ts';
import type { Pane } from '../terminal/pane.ts';
import type { Core } from './core.ts';
import { GuidanceDelivery } from './guidance-delivery.ts';

/** The delivery to one run, from before its process begins until `stop`. */
export interface RunGuidance {
  readonly delivery: GuidanceDelivery;
  /** The agent has said where its transcript is. */
  follow(path: string): void;
  /** After the process has ended. */
  stop(): Promise<void>;
}

/** Connects a run. An agent without hooks keeps no transcript and tells no boundary: it gets what waits with its first words, and no receipt. */
export function connectGuidance(parts: {
  core: Core;
  pane: Pane;
  taskId: TaskId;
  runId: string;
  hasHooks: boolean;
}): RunGuidance {
  const { core, pane, taskId, runId } = parts;
  const receipts = parts.hasHooks ? new Receipts() : null;
  const onFault = (error: unknown): void => core.log.error(`guidance of ${taskId}`, error);
  const delivery = new GuidanceDelivery({
    runId,
    open: () => openGuidance(core.state, taskId),
    canHear: () => {
      const task = core.state.tasks.get(taskId);
      return task !== undefined && isActive(task.status) && canHear(task);
    },
    intend: (intent) => core.intend(intent, 'drover'),
    receipts,
    terminal: {
      submit: (text, isMeant) => pane.submit(text, isMeant),
      pressReturn: () => void pane.input('\r'),
      box: () => readPromptBox(pane.text()),
    },
    onFault,
  });
  const stops = [
    pane.onTyped((bytes) => delivery.typed(bytes)),
    core.store.subscribe((envelopes) => {
      const isNews = envelopes.some(({ event }) => event.type === 'guidance.queued' && event.taskId === taskId);
      if (isNews) delivery.offer();
    }),
  ];
  return {
    delivery,
    follow: (path) => receipts?.follow(path),
    stop: async () => {
      for (const stop of stops.splice(0)) stop();
      await delivery.end().catch(onFault);
    },
  };
}

/** Whether the first words of an agent reach it at all: a command's template may leave them out. */
export function hearsPrompt(hasHooks: boolean, config: Config): boolean {
  return hasHooks || config.command.argv.some((argument) => argument.includes('{prompt}'));
}

/** What an earlier server had shown and was killed before it saw the receipt: the transcripts tell what has arrived, the rest waits again. */
export async function settleGuidance(core: Core, pathOf: (run: Run) => Promise<string | null>): Promise<void> {
  for (const { id, state, runId } of [...core.state.guidance.values()]) {
    const run = core.state.runs.get(runId ?? '');
    if (state !== 'shown' || run?.agent === 'command') continue;
    const receipts = new Receipts();
    const path = run ? await pathOf(run) : null;
    if (path !== null) receipts.follow(path);
    const hasArrived = (await receipts.look()).has(id);
    const reason = 'the server ended before it arrived';
    await core.intend(
      hasArrived
        ? { type: 'guidance.acknowledge', guidanceId: id }
        : { type: 'guidance.requeue', guidanceId: id, reason },
      'drover',
    );
  }
}
