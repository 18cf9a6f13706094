// Owns the workspace's commands around copy mode: entering it, pasting, the editor, the search.
import { isPaneLive, type Model } from '../model.ts';
import { refusal } from '../note.ts';
import { copyModeCommand } from './copy-update.ts';
import { openSearch } from './search-mode.ts';
import type { CopyEffect } from './state.ts';

type PasteEffect = { readonly type: 'paste'; readonly pane: number; readonly bytes: Buffer };

/** Does one of the commands. */
export function runCopyCommand(
  model: Model,
  name: 'copy-mode' | 'copy-mode-up' | 'paste-buffer' | 'edit-history' | 'search',
): readonly [Model, readonly (CopyEffect | PasteEffect)[]] {
  switch (name) {
    case 'copy-mode':
      return copyModeCommand(model);
    case 'copy-mode-up':
      return copyModeCommand(model, ['PPage']);
    case 'search':
      return [openSearch(model), []];
    case 'edit-history': {
      const pane = model.focused;
      if (pane === null || !model.panes.has(pane)) return [refusal(model, 'there is no history here yet', ''), []];
      return [model, [{ type: 'edit-history', pane }]];
    }
    case 'paste-buffer':
      return pasteBuffer(model);
  }
}

function pasteBuffer(model: Model): readonly [Model, readonly PasteEffect[]] {
  const { focused: pane, copy } = model;
  if (copy.buffer === '') return [refusal(model, 'nothing has been copied yet', `${model.keys.prefix} [`), []];
  if (pane === null || model.isReadOnly || !isPaneLive(model, pane))
    return [refusal(model, 'nothing here takes a paste', ''), []];
  return [model, [{ type: 'paste', pane, bytes: Buffer.from(copy.buffer, 'utf8') }]];
}
