// Owns what the terminal around us can do: a pure reading of the environment and of its answers to the probe.
import type { Reply } from '../input/input-event.ts';

export interface Capabilities {
  readonly color: 'rgb' | '256' | '16' | 'none';
  /** DEC mode 2026, synchronized output. */
  readonly sync: boolean;
  /** SGR 4:x and 58: curly and coloured underlines. */
  readonly underlineStyles: boolean;
  /** OSC 8 hyperlinks. */
  readonly links: boolean;
  /** How it can be made to tell keys such as Shift+Enter from others: kitty's protocol, xterm's modifyOtherKeys, or not at all. */
  readonly keys: 'kitty' | 'xterm' | 'plain';
  readonly isTmux: boolean;
  readonly isScreen: boolean;
  /** What the terminal calls itself (XTVERSION), else TERM_PROGRAM, else TERM. Data: sanitise before showing. */
  readonly name: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Terminals that are known to take 38;2 although ssh does not forward COLORTERM. Matched against XTVERSION. */
const TRUE_COLOR_NAMES =
  /kitty|wezterm|ghostty|foot|iterm2|alacritty|contour|vte|konsole|mintty|xterm\(|tmux|rio|warp/i;
/** Terminals that draw SGR 4:3 and 58 (kitty's extension), by XTVERSION or TERM_PROGRAM. tmux strips what its own terminal lacks. */
const UNDERLINE_NAMES = /kitty|wezterm|ghostty|foot|iterm|alacritty|contour|vte|konsole|mintty|tmux|vscode|rio/i;
/** Terminals whose parser chokes on an unknown OSC instead of ignoring it: they print its text. */
const OSC_PRINTERS = /^(linux|vt\d+|ansi|dumb|cons25)/;

/**
 * Reads what the outer terminal can do. `replies` are the answers to the probe that have come, in any order; an unanswered
 * question is read conservatively. Pure.
 */
export function capabilitiesFrom(env: Environment, replies: readonly Reply[] = []): Capabilities {
  const term = env['TERM'] ?? '';
  const answered = replies.find((reply) => reply.kind === 'terminal-name');
  const isInScreen = (env['STY'] ?? '') !== '';
  // One inside the other leaves both variables set: tmux says its name, GNU screen is silent.
  const saysTmux = /^tmux/.test(answered?.name ?? '');
  const isTmux = (env['TMUX'] ?? '') !== '' && (!isInScreen || saysTmux);
  // tmux may itself use TERM=screen*, so $TMUX decides first. GNU screen sets STY; over ssh only TERM is left, and the name that tmux says.
  const isScreen = !isTmux && !saysTmux && (isInScreen || /^screen/.test(term));
  const name = answered?.name ?? env['TERM_PROGRAM'] ?? term;
  const isBare = OSC_PRINTERS.test(term) || term === '';
  return {
    color: colorOf(env, { term, isTmux, isScreen, isBare, answered: answered?.name }),
    sync: replies.some(
      (reply) => reply.kind === 'mode' && reply.mode === 2026 && (reply.setting === 1 || reply.setting === 2),
    ),
    underlineStyles: !isScreen && !isBare && (UNDERLINE_NAMES.test(name) || isTmux || env['VTE_VERSION'] !== undefined),
    links: !isScreen && !isBare,
    keys: isScreen || isBare ? 'plain' : keysOf(replies),
    isTmux,
    isScreen,
    name,
  };
}

/** Who says its name knows xterm's sequences or passes them over. */
function keysOf(replies: readonly Reply[]): Capabilities['keys'] {
  if (replies.some(({ kind }) => kind === 'kitty-flags')) return 'kitty';
  return replies.some(({ kind }) => kind === 'terminal-name') ? 'xterm' : 'plain';
}

interface Identity {
  readonly term: string;
  readonly isTmux: boolean;
  readonly isScreen: boolean;
  readonly isBare: boolean;
  readonly answered: string | undefined;
}

function colorOf(env: Environment, identity: Identity): Capabilities['color'] {
  // no-color.org: present and not empty, whatever its value.
  if ((env['NO_COLOR'] ?? '') !== '') return 'none';
  const { term, isTmux, isScreen, isBare, answered } = identity;
  if (term === 'dumb' || /^vt\d/.test(term)) return 'none';
  // GNU screen 4.x misreads 38;2 and inherits COLORTERM from the terminal around it: never true colour.
  if (isScreen) return '256';
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return 'rgb';
  if (isTmux || /-direct/.test(term)) return 'rgb';
  if (answered !== undefined && TRUE_COLOR_NAMES.test(answered)) return 'rgb';
  if (/256col/.test(term) || /^(alacritty|xterm-kitty|xterm-ghostty|foot|wezterm|contour)/.test(term)) return '256';
  return isBare ? '16' : /^(xterm|st|rxvt|tmux|konsole|gnome|putty)/.test(term) ? '256' : '16';
}
