// Owns what we switch on in the outer terminal, and the one string that switches everything off again.
import type { Capabilities } from './capabilities.ts';

/** Button events and drags (1002) in the SGR form (1006); never 1003, which floods a slow link with every movement. */
export const MOUSE_ON = '\x1b[?1002h\x1b[?1006h';
export const MOUSE_OFF = '\x1b[?1002l\x1b[?1006l';

/**
 * Alternate screen, cleared; no wrapping, so that a character that the terminal counts wider than we do can't scroll the screen;
 * cursor hidden until the first frame; bracketed paste (2004), focus reports (1004), and word of a change between dark and light (2031).
 */
export const ENTER = '\x1b[?1049h\x1b[m\x1b[2J\x1b[H\x1b[?7l\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[?2031h';

/**
 * Everything off that we, or a program whose output reached the terminal, may have switched on: a synchronized update (2026), an
 * open hyperlink, mouse reports of every kind, focus, paste, light/dark reports (2031), modifyOtherKeys, kitty's keyboard, scroll
 * region, attributes, cursor shape. The picture is cleared, because GNU screen has no alternate screen unless it is asked for one.
 * The order matters: the main screen comes back before the cursor does.
 */
export const RESTORE =
  '\x1b[?2026l\x1b]8;;\x1b\\\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2031l' +
  '\x1b[>4m\x1b[<u\x1b[r\x1b[m\x1b[0 q\x1b[?7h\x1b[H\x1b[2J\x1b[?1049l\x1b[?25h';

/** Keeps the window's title and icon name on the terminal's stack (XTWINOPS 22), and takes them back. One without a stack is left with none. */
export const TITLE_KEEP = '\x1b[22;0t';
export const TITLE_BACK = '\x1b]2;\x1b\\\x1b[23;0t';

/**
 * For keys that the old form can't tell apart, Shift+Enter above all: kitty's protocol (1: no key looks like another, 4: where a key lies on a
 * Latin keyboard), or xterm's modifyOtherKeys, whose first level leaves every key alone that has a code of its own.
 */
export const KEYS_ON: Readonly<Record<Capabilities['keys'], string>> = {
  kitty: '\x1b[>5u',
  xterm: '\x1b[>4;1m',
  plain: '',
};
/** Takes the last of kitty's settings back. */
export const KITTY_KEYS_BACK = '\x1b[<u';

/** Asks for the colours of text, background and cursor, and the first 16 of the palette. Not for a terminal that prints what it does not know. */
export const ASK_COLORS = `\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b]12;?\x1b\\\x1b]4;${Array.from({ length: 16 }, (_, i) => `${i};?`).join(';')}\x1b\\`;

/** Questions to the terminal: its name (XTVERSION), modes 2026, 2027 and 2031 (DECRQM), kitty's keyboard flags. */
export const PROBE = '\x1b[>0q\x1b[?2026$p\x1b[?2027$p\x1b[?2031$p\x1b[?u';

/** DA1 comes last. Every terminal answers it, and answers come in order: once it is there, what has not been answered never will be. */
export const PROBE_END = '\x1b[c';
