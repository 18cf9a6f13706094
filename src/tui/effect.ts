// Owns the words for what an update wants done in the world; the shell in workspace.ts does it.
import type { Params } from '../protocol/methods.ts';
import type { Call } from './attention/calls.ts';
import type { CopyEffect } from './copy-mode/state.ts';
import type { MouseEvent } from './input/input-event.ts';
import type { Model } from './model.ts';
import type { PanelEffect } from './panel/panel-mode.ts';

/** What a message or a key makes of a model: the next one, and what is to be done. */
export type Step = readonly [Model, readonly Effect[]];

export type Effect =
  | CopyEffect
  | PanelEffect
  /** Types the bytes of a key into a pane. */
  | { readonly type: 'input'; readonly pane: number; readonly key: string; readonly bytes: Buffer }
  /** Types pasted bytes into a pane, in brackets when its program asked for them. */
  | { readonly type: 'paste'; readonly pane: number; readonly bytes: Buffer }
  /** Gives a mouse event to a pane when its program asked for it. */
  | {
      readonly type: 'mouse';
      readonly pane: number;
      readonly event: MouseEvent;
      readonly x: number;
      readonly y: number;
    }
  /** Tells a pane's program, when it asked for that, that it has got or lost the keyboard. */
  | { readonly type: 'focus-report'; readonly pane: number; readonly isFocused: boolean }
  /** Notifies the person, as the terminal can. */
  | { readonly type: 'call'; readonly call: Call }
  /** Rings the terminal's bell. */
  | { readonly type: 'ring' }
  /** Gives the terminal back and stops the client until it is continued. */
  | { readonly type: 'suspend' }
  /** Tells the server which panes are looked at, at which size. */
  | {
      readonly type: 'view';
      readonly panes: readonly { readonly pane: number; readonly cols: number; readonly rows: number }[];
      readonly focused: number | null;
    }
  /** Subscribes to the events after what the state holds. */
  | { readonly type: 'subscribe' }
  | { readonly type: 'complete'; readonly line: string; readonly cursor: number }
  /** Runs a line of the command bar. */
  | { readonly type: 'run'; readonly line: string }
  /** Creates a task from its title, and from what else the form knows of it. */
  | { readonly type: 'capture'; readonly title: string; readonly more?: Omit<Params<'task.create'>, 'title'> }
  /** Writes a line of the command bar into the history that all workspaces share. */
  | { readonly type: 'remember'; readonly line: string }
  /** Asks for the last events, for the feed. */
  | { readonly type: 'recall-events' }
  /** Locks a pane for this operator, or unlocks it. */
  | { readonly type: 'lock'; readonly pane: number; readonly isLocked: boolean }
  /** Opens the operator's shell in the worktree of a task; in the repository's root for null. */
  | { readonly type: 'open-shell'; readonly task: string | null }
  /** Sends the message `prefix-waited` after `ms`. */
  | { readonly type: 'wait-for-hints'; readonly token: number; readonly ms: number }
  /** Tries to reach the server again after `ms`. */
  | { readonly type: 'reconnect'; readonly ms: number; readonly isOrderly: boolean }
  /** Paints every cell of the terminal again. */
  | { readonly type: 'redraw' }
  | { readonly type: 'end'; readonly reason: 'detached' | 'server-closed'; readonly message: string };
