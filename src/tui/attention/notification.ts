// Owns how the terminal is told to notify: which sequence it understands, and the bytes of one notification. Pure.
import type { Config } from '../../config/schema.ts';
import { printable } from '../../domain/text.ts';
import { graphemes } from '../../domain/text-width.ts';

export type NotificationKind = 'bell' | 'osc9' | 'osc99' | 'osc777' | 'off';

export interface Notifier {
  readonly kind: NotificationKind;
  /** Wrapped so that tmux hands it on to its own terminal. */
  readonly isWrapped: boolean;
}

export interface NotifierFacts {
  readonly notify: Config['notify'];
  /** What the terminal calls itself; inside tmux, what the terminal around tmux does. */
  readonly name: string;
  readonly isTmux: boolean;
  readonly isScreen: boolean;
  /** tmux hands wrapped sequences on. */
  readonly isPassedThrough: boolean;
}

/** Characters of a notification's text: what a desktop shows of it. */
const LONGEST = 120;

/** By name (XTVERSION, TERM_PROGRAM or TERM), the first that matches. ConEmu and Windows Terminal read `9;4` as progress only, a text as a notification. */
const KINDS: readonly (readonly [RegExp, NotificationKind])[] = [
  [/kitty/i, 'osc99'],
  [/iterm|wezterm|ghostty|windows.?terminal/i, 'osc9'],
  [/rxvt|foot|vte|gnome-terminal/i, 'osc777'],
];

/** Which sequence is used. A bell passes tmux and GNU screen by itself; nothing else reaches the desktop unwrapped. */
export function notifierFor(facts: NotifierFacts): Notifier {
  const { notify, name, isTmux, isScreen, isPassedThrough } = facts;
  const known = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'bell';
  const kind = notify === 'auto' ? known : notify;
  if (kind === 'off' || kind === 'bell') return { kind, isWrapped: false };
  if (isScreen || (isTmux && !isPassedThrough)) return { kind: 'bell', isWrapped: false };
  return { kind, isWrapped: isTmux };
}

/** The bytes of a notification; empty when there is none to send. The text becomes one line of at most 120 characters. */
export function notificationBytes({ kind, isWrapped }: Notifier, text: string): string {
  // A semicolon would begin another field of OSC 777, and `9;4;…` is a progress bar.
  const clean = cut(printable(text).replaceAll(';', ',').trim());
  const bytes = sequence(kind, clean);
  return isWrapped ? `\x1bPtmux;${bytes.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : bytes;
}

function sequence(kind: NotificationKind, text: string): string {
  switch (kind) {
    case 'off':
      return '';
    case 'bell':
      return '\x07';
    case 'osc9':
      return `\x1b]9;drover: ${text}\x1b\\`;
    case 'osc99':
      // Two parts, of which the first is not the last (d=0): the title and the body.
      return `\x1b]99;i=drover:d=0;drover\x1b\\\x1b]99;i=drover:p=body;${text}\x1b\\`;
    case 'osc777':
      return `\x1b]777;notify;drover;${text}\x1b\\`;
  }
}

function cut(text: string): string {
  let kept = '';
  let count = 0;
  for (const { text: grapheme } of graphemes(text)) {
    if (count === LONGEST - 1) return `${kept}…`;
    kept += grapheme;
    count++;
  }
  return kept;
}
