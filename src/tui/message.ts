// Owns the words for what can happen to the workspace.
import type { Envelope } from '../domain/event.ts';
import type { ClientInfo, PaneInfo, Result } from '../protocol/methods.ts';
import type { CopyMessage } from './copy-mode/state.ts';
import type { MouseEvent } from './input/input-event.ts';
import type { Catalogue } from './layout/catalogue.ts';
import type { Size } from './layout/rect.ts';
import type { PanelMessage } from './panel/panel-mode.ts';

/** How a call ended that a person started: one or more lines, or a refusal with the command to type next. */
export type Outcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly next: string };

export type Message =
  | CopyMessage
  | PanelMessage
  | { readonly type: 'key'; readonly key: string; readonly bytes: Buffer }
  | { readonly type: 'paste'; readonly bytes: Buffer }
  | { readonly type: 'mouse'; readonly event: MouseEvent }
  /** Our terminal has got the keyboard, or another window has. */
  | { readonly type: 'terminal-focus'; readonly isFocused: boolean }
  /** The terminal has told what it is. */
  | { readonly type: 'outer-known'; readonly facts: readonly string[] }
  /** A pane's program has rung or printed. */
  | { readonly type: 'pane-signal'; readonly pane: number; readonly signal: 'bell' | 'activity' }
  | { readonly type: 'resized'; readonly size: Size }
  /** A second has passed: ages and notes. */
  | { readonly type: 'ticked' }
  /** This operator has chosen a layout or a theme elsewhere. */
  | { readonly type: 'chosen'; readonly what: 'layout' | 'theme'; readonly name: string }
  /** A file of a layout or a theme was saved. */
  | { readonly type: 'catalogue-loaded'; readonly catalogue: Catalogue }
  | { readonly type: 'prefix-waited'; readonly token: number }
  | { readonly type: 'subscribed'; readonly reply: Result<'events.subscribe'> }
  | { readonly type: 'event'; readonly envelope: Envelope }
  /** All panes that the server has; the answer to a question. */
  | { readonly type: 'panes-listed'; readonly panes: readonly PaneInfo[] }
  /** A pane has changed, or is new. */
  | { readonly type: 'pane-changed'; readonly pane: PaneInfo }
  /** The shell that this person asked for runs. */
  | { readonly type: 'shell-opened'; readonly pane: PaneInfo }
  /** Who is attached has changed. */
  | { readonly type: 'people'; readonly people: readonly ClientInfo[] }
  /** The last events, oldest first; the answer to a question. */
  | { readonly type: 'events-recalled'; readonly events: readonly Envelope[] }
  | { readonly type: 'must-resync' }
  | {
      readonly type: 'completions';
      readonly line: string;
      readonly candidates: readonly string[];
      readonly from: number;
      /** Titles of the candidates that are tasks; sanitised. */
      readonly labels?: ReadonlyMap<string, string>;
    }
  | { readonly type: 'ran'; readonly line: string; readonly outcome: Outcome }
  | { readonly type: 'captured'; readonly title: string; readonly outcome: Outcome }
  /** A call that nobody typed went wrong. */
  | { readonly type: 'failed'; readonly text: string; readonly next: string }
  /** `isOrderly`: the server said that it closes; otherwise it is gone without a word. */
  | { readonly type: 'server-lost'; readonly reason: string; readonly isOrderly: boolean }
  | { readonly type: 'reconnect-failed'; readonly reason: string }
  /** There is a connection, the first one or a new one. */
  | { readonly type: 'connected' }
  | { readonly type: 'server-known'; readonly repository: string };
