// Owns the workspace's commands: what a key binding may say, and how its words are parsed.
import { nearest } from '../../domain/nearest.ts';

type Direction = 'left' | 'right' | 'up' | 'down';

export type Command =
  | { readonly name: 'focus'; readonly to: Direction | 'next' | 'last' | 'attention' | number }
  | { readonly name: 'zoom' }
  | { readonly name: 'detach' }
  | { readonly name: 'help' }
  | { readonly name: 'command-bar'; readonly text: string }
  | { readonly name: 'quick' }
  | { readonly name: 'sidebar' }
  /** Locks the focused pane or unlocks it; opens a shell beside it. */
  | { readonly name: 'lock-pane' | 'shell' }
  | { readonly name: 'redraw' }
  | { readonly name: 'suspend' }
  | { readonly name: 'send-prefix' }
  | { readonly name: 'unbind' };

export type ParsedCommand = { ok: true; command: Command } | { ok: false; message: string };

const FOCUS_WORDS = ['left', 'right', 'up', 'down', 'next', 'last', 'attention'] as const;

const SIMPLE = [
  'zoom',
  'detach',
  'help',
  'quick',
  'sidebar',
  'redraw',
  'lock-pane',
  'shell',
  'suspend',
  'send-prefix',
  'unbind',
] as const;

/** Every command by its first word. */
const COMMAND_NAMES: readonly string[] = ['focus', 'command-bar', ...SIMPLE];

/** Those that make sense as a line of the command bar. */
export const BAR_COMMANDS: readonly string[] = [
  'focus',
  'zoom',
  'detach',
  'help',
  'sidebar',
  'redraw',
  'suspend',
  'quick',
];

/** Parses a command string such as `focus left`; a mistake comes back as one sentence with the nearest known word. */
export function parseCommand(text: string): ParsedCommand {
  const [name = '', ...rest] = text.trim().split(/\s+/);
  if (name === 'focus') return parseFocus(rest);
  if (name === 'command-bar') return { ok: true, command: { name, text: rest.join(' ') } };
  const simple = SIMPLE.find((known) => known === name);
  if (simple === undefined) return { ok: false, message: unknownWord('command', name, COMMAND_NAMES) };
  if (rest.length > 0) return { ok: false, message: `${simple} takes no argument, but got "${rest.join(' ')}"` };
  return { ok: true, command: { name: simple } };
}

function parseFocus(rest: readonly string[]): ParsedCommand {
  const [target = ''] = rest;
  if (rest.length !== 1)
    return { ok: false, message: `focus takes one of ${FOCUS_WORDS.join(', ')} or a pane's number` };
  if (/^[1-9]\d{0,2}$/.test(target)) return { ok: true, command: { name: 'focus', to: Number(target) } };
  const word = FOCUS_WORDS.find((known) => known === target);
  if (word === undefined) return { ok: false, message: unknownWord('target of focus', target, FOCUS_WORDS) };
  return { ok: true, command: { name: 'focus', to: word } };
}

/** `there is no command "zom"; the nearest is "zoom"` */
export function unknownWord(kind: string, word: string, known: readonly string[]): string {
  return `there is no ${kind} "${word}"; the nearest is "${nearest(word, known)}"`;
}
