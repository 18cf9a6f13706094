// Owns how the tests of copy mode make documents out of plain lines.
import type { CopyMode, CopyView } from '../../../../src/tui/copy-mode/copy-mode.ts';
import { openCopyMode } from '../../../../src/tui/copy-mode/copy-mode.ts';
import { type CopyRow, cellsOfText } from '../../../../src/tui/copy-mode/row.ts';
import { buildKeyMap } from '../../../../src/tui/keys/key-map.ts';

/** A row of a document; a `\` at the end says that the pane wrapped it. */
export function row(line: string): CopyRow {
  const isWrapped = line.endsWith('\\');
  return { cells: cellsOfText(isWrapped ? line.slice(0, -1) : line), isWrapped, look: { fg: 0, bg: 0 } };
}

export const VIEW: CopyView = { width: 40, height: 5 };

/** Copy mode on these lines, the cursor on the first character. */
export function modeOf(lines: readonly string[], keys: 'vi' | 'emacs' = 'vi', view = VIEW): CopyMode {
  const rows = lines.map(row);
  const mode = openCopyMode(
    {
      token: 1,
      keys,
      bindings: buildKeyMap({ prefix: 'C-g', bindings: {} }, keys).copy,
      source: 'screen',
      rows,
      leavesAtEnd: false,
      top: 0,
    },
    view,
  );
  return { ...mode, cursor: { x: 0, y: 0 } };
}
