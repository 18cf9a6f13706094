// Owns the words for what arrives from the terminal: keys, pastes, the mouse, focus, and answers to our own questions.

export interface MouseMods {
  readonly shift: boolean;
  readonly meta: boolean;
  readonly ctrl: boolean;
}

/** An answer of the outer terminal. It is never typed into a pane. */
export type Reply =
  /** DA1 (`CSI ? … c`) or DA2 (`CSI > … c`). */
  | { readonly type: 'reply'; readonly kind: 'attributes'; readonly level: 1 | 2; readonly values: readonly number[] }
  /** XTVERSION. Text of a stranger: sanitise before showing. */
  | { readonly type: 'reply'; readonly kind: 'terminal-name'; readonly name: string }
  /** DECRPM: 0 not known, 1 set, 2 reset, 3 always set, 4 always reset. */
  | { readonly type: 'reply'; readonly kind: 'mode'; readonly mode: number; readonly setting: number }
  | { readonly type: 'reply'; readonly kind: 'kitty-flags'; readonly flags: number }
  /** OSC 4, 10, 11, 12: `target` is '10', or '4;7' for a palette entry; `value` as the terminal wrote it (`rgb:…`). */
  | { readonly type: 'reply'; readonly kind: 'color'; readonly target: string; readonly value: string }
  /** CPR, counted from 0. */
  | { readonly type: 'reply'; readonly kind: 'cursor'; readonly x: number; readonly y: number }
  /** Mode 2031: the terminal has turned dark or light. */
  | { readonly type: 'reply'; readonly kind: 'color-scheme'; readonly isDark: boolean }
  /** A well-formed sequence that we do not know; to be ignored. */
  | { readonly type: 'reply'; readonly kind: 'unknown'; readonly bytes: Buffer };

export interface KeyEvent {
  readonly type: 'key';
  /** tmux' notation with the modifiers in the order C-, M-, S-: `a`, `C-g`, `M-x`, `C-S-Left`, `Enter`; other text as itself. */
  readonly key: string;
  /** What a pane's pty gets when the key is not bound: the legacy form, whatever form the outer terminal used. */
  readonly bytes: Buffer;
}

export interface MouseEvent {
  readonly type: 'mouse';
  readonly kind: 'press' | 'release' | 'drag' | 'wheel-up' | 'wheel-down';
  /** 0 left, 1 middle, 2 right, 3 unknown (an old-style release); 0 for a wheel. */
  readonly button: number;
  /** Column and row of the screen, from 0. */
  readonly x: number;
  readonly y: number;
  readonly mods: MouseMods;
  /** As it was read, in coordinates of the screen. */
  readonly bytes: Buffer;
}

export type InputEvent =
  | KeyEvent
  /** The pasted bytes without their brackets. */
  | { readonly type: 'paste'; readonly bytes: Buffer }
  | MouseEvent
  | { readonly type: 'focus'; readonly isFocused: boolean }
  | Reply;
