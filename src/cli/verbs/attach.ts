// Owns `drover attach`, and the opening of the workspace for the verbs that end in it.
import type { VerbInput } from '../../client/verb.ts';
import { refuse } from '../../domain/refusal.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';

/** Opens the workspace. Refuses without a terminal; with `--json` it prints the panes instead of drawing them. */
export async function runAttach(_input: VerbInput, scope: VerbScope): Promise<number> {
  if (scope.isJson) {
    const client = await scope.session.connect('cli');
    try {
      scope.shell.write(renderJson(await client.call('pane.list', {})));
      return 0;
    } finally {
      client.close();
    }
  }
  if (!scope.shell.isInteractive)
    refuse('not-a-terminal', 'the workspace needs a terminal on standard input and output', 'drover status');
  await openWorkspace(scope);
  return 0;
}

/** Shows the workspace until the operator detaches. */
export async function openWorkspace({ shell, session, commandRunner }: VerbScope): Promise<void> {
  const config = session.config();
  const { label } = await session.operator();
  const client = await session.connect('tui');
  await shell.roles.runWorkspace({
    client,
    config,
    operator: label,
    commandRunner: commandRunner(shell.folder),
    reconnect: () => session.connect('tui'),
  });
  client.close();
}
