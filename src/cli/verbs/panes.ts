// Owns `drover panes`: the list of panes, or a new one that runs a program.
import { renderPanes } from '../../client/pane-text.ts';
import type { VerbInput } from '../../client/verb.ts';
import { textOption } from '../../client/verb-params.ts';
import { refuse } from '../../domain/refusal.ts';
import { sanitise } from '../../domain/text.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';

/** Lists the panes without a command; with one, runs it in a pane of its own. */
export async function runPanes(input: VerbInput, { shell, session, isJson }: VerbScope): Promise<number> {
  const argv = [...input.args];
  const task = textOption(input, 'task');
  if (argv.length === 0 && task !== undefined)
    refuse('bad-params', '--task says where a program runs, but none was given', `drover panes --task ${task} -- bash`);
  const client = await session.connect('cli');
  try {
    if (argv.length === 0) {
      const listed = await client.call('pane.list', {});
      const context = { width: shell.width, now: Date.now(), paint: shell.paint, input };
      shell.write(isJson ? renderJson(listed) : `${renderPanes(listed, context)}\n`);
      return 0;
    }
    const opened = await client.call('pane.open', task === undefined ? { argv } : { argv, task });
    const { pane } = opened;
    shell.write(isJson ? renderJson(opened) : `Pane ${pane.pane} runs ${sanitise(argv.join(' '))}.\n`);
    return 0;
  } finally {
    client.close();
  }
}
