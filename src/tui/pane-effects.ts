// Owns the calls about panes that a key starts, and what they answer.
import type { Client } from '../client/client.ts';
import type { Message } from './message.ts';

/** Locks a pane, or unlocks it; the pane comes back with its holder. */
export async function toggleLockOf(client: Client, pane: number, isLocked: boolean): Promise<Message> {
  const answer = await client.call(isLocked ? 'pane.unlock' : 'pane.lock', { pane });
  return { type: 'pane-changed', pane: answer.pane };
}

/** Opens a shell in the worktree of a task, or in the root for null. */
export async function openShellFor(
  client: Client,
  task: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Message> {
  const argv = [env['SHELL'] || '/bin/sh'];
  const { pane } = await client.call('pane.open', task === null ? { argv } : { argv, task });
  return { type: 'shell-opened', pane };
}
