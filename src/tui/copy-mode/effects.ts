// Owns the doing of copy mode's effects: documents from the server, the clipboard, the editor, the search.
import type { Client } from '../../client/client.ts';
import { RefusalError } from '../../domain/refusal.ts';
import { PANE_MODE } from '../../protocol/cells.ts';
import { copyText } from './clipboard.ts';
import { type EditorScope, openInEditor } from './editor.ts';
import { historyText, loadCopyDocument } from './load.ts';
import type { CopyEffect, CopyMessage } from './state.ts';

export interface CopyScope extends EditorScope {
  readonly client: () => Client | null;
  readonly modes: (pane: number) => number;
  readonly offset: (pane: number) => number;
  readonly copyCommand: readonly string[];
  readonly write: (bytes: Uint8Array) => void;
  readonly send: (message: CopyMessage) => void;
}

/** Lines that a search in the workspace brings. */
const MOST_FOUND = 200;

/** Does one effect of copy mode. Never throws: what goes wrong becomes a message. */
export function runCopyEffect(effect: CopyEffect, scope: CopyScope): void {
  const { send } = scope;
  const client = scope.client();
  if (effect.type === 'copy-text') {
    const { env, copyCommand, write } = scope;
    void copyText(effect.text, { env, command: copyCommand, write }).then((copied) =>
      send({ type: 'copied', ...copied }),
    );
    return;
  }
  if (client === null) {
    send({ type: 'copied', ok: false, text: 'the server is gone: there is nothing to read now', next: '' });
    return;
  }
  switch (effect.type) {
    case 'copy-load':
      void loadCopyDocument(effect, { client, ...seenIn(effect.pane, scope), send });
      break;
    case 'edit-history':
      void editHistory(effect.pane, client, scope).catch((error: unknown) => tellFailure(error, send));
      break;
    case 'search':
      client.call('search.run', { query: effect.query, limit: MOST_FOUND }).then(
        ({ results, isComplete }) => send({ type: 'found', query: effect.query, places: results, isCut: !isComplete }),
        (error: unknown) => tellFailure(error, send),
      );
      break;
  }
}

function seenIn(pane: number, { modes, offset }: CopyScope): { isAlternate: boolean; offset: number } {
  return { isAlternate: (modes(pane) & PANE_MODE.alternateScreen) !== 0, offset: offset(pane) };
}

async function editHistory(pane: number, client: Client, scope: CopyScope): Promise<void> {
  const text = await historyText(pane, { client, ...seenIn(pane, scope) });
  const problem = await openInEditor(text, `pane-${pane}.txt`, scope);
  if (problem !== null) scope.send({ type: 'copied', ok: false, text: problem, next: 'set EDITOR' });
}

function tellFailure(error: unknown, send: CopyScope['send']): void {
  if (error instanceof RefusalError) send({ type: 'copied', ok: false, text: error.message, next: error.refusal.next });
  else send({ type: 'copied', ok: false, text: error instanceof Error ? error.message : String(error), next: '' });
}
