// Owns what the workspace knows of copy mode: which panes are in it, the last press of the mouse, the text copied last.
import type { CopyKeys, CopyMode, CopySource } from './copy-mode.ts';
import type { CopyMouse } from './mouse.ts';
import type { CopyRow } from './row.ts';

/** Done as soon as the document is there. */
export type Queued =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'mouse'; readonly mouse: CopyMouse }
  /** Goes to a line by its number, and to the words there. */
  | { readonly kind: 'place'; readonly number: number; readonly query: string };

/** The document is on its way. */
export interface CopyOpening {
  readonly kind: 'opening';
  readonly token: number;
  readonly queue: readonly Queued[];
  /** Entered by the wheel. */
  readonly leavesAtEnd: boolean;
}

export interface CopyOptions {
  readonly keys: CopyKeys;
  /** A selection made with the mouse is copied when the button is released. */
  readonly onSelect: boolean;
}

export interface CopyState {
  readonly options: CopyOptions;
  readonly panes: ReadonlyMap<number, CopyOpening | CopyMode>;
  /** The last press in a pane, where the next drag begins and by which clicks are counted. */
  readonly press: {
    readonly pane: number;
    readonly x: number;
    readonly y: number;
    readonly at: number;
    readonly clicks: number;
  } | null;
  /** What was copied last, for `paste-buffer`. */
  readonly buffer: string;
}

/** The state before anything was copied. */
export function initialCopyState(options: CopyOptions = { keys: 'vi', onSelect: true }): CopyState {
  return { options, panes: new Map(), press: null, buffer: '' };
}

/** A place that a search has found. */
export interface FoundPlace {
  readonly source: CopySource;
  /** Null for a task whose agent is gone. */
  readonly pane: number | null;
  readonly task: string | null;
  /** The line's number on the screen's scrollback, or that of the entry in the conversation. */
  readonly line: number;
  readonly text: string;
}

export type CopyMessage =
  /** A document is there; `rows` that are still on their way are blank. */
  | {
      readonly type: 'copy-loaded';
      readonly pane: number;
      readonly token: number;
      readonly source: CopySource;
      readonly rows: readonly CopyRow[];
      /** The row at the top of the view. */
      readonly top: number;
      /** The row in which a numbered line begins. */
      readonly rowOf: (number: number) => number;
    }
  | {
      readonly type: 'copy-rows';
      readonly pane: number;
      readonly token: number;
      readonly from: number;
      readonly rows: readonly CopyRow[];
    }
  | {
      readonly type: 'copy-refused';
      readonly pane: number;
      readonly token: number;
      readonly text: string;
      readonly next: string;
    }
  /** How a copy ended: the way that it went, or why it did not. */
  | { readonly type: 'copied'; readonly ok: boolean; readonly text: string; readonly next: string }
  /** The program in the pane has not asked for this event of the mouse. */
  | { readonly type: 'mouse-unused'; readonly pane: number; readonly mouse: Omit<CopyMouse, 'clicks'> }
  | {
      readonly type: 'found';
      readonly query: string;
      readonly places: readonly FoundPlace[];
      readonly isCut: boolean;
    };

export type CopyEffect =
  /** Loads a document for a pane; `auto` is the conversation where the program draws on the alternate screen and there is one. */
  | {
      readonly type: 'copy-load';
      readonly pane: number;
      readonly token: number;
      readonly source: CopySource | 'auto';
      /** The task whose conversation it is; null takes that of the pane's run. */
      readonly task: string | null;
      readonly width: number;
      /** Nothing may be left out at first: somebody goes to a line of it. */
      readonly isWhole: boolean;
    }
  | { readonly type: 'copy-text'; readonly text: string }
  /** Opens the pane's history in the person's editor. */
  | { readonly type: 'edit-history'; readonly pane: number }
  | { readonly type: 'search'; readonly query: string };
