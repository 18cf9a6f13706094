// Owns the workspace's commands: what a key binding may say, and how its words are parsed.
import { nearest } from '../../domain/nearest.ts';
import { SIDEBAR_NAMES, type SidebarName } from '../layout/leaf.ts';
import { PANEL_PARTS, type PanelPart } from '../panel/panel-mode.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

/** How far a list or a text is moved. */
const STEP_WORDS = ['up', 'down', 'page-up', 'page-down', 'top', 'bottom'] as const;
export type StepWord = (typeof STEP_WORDS)[number];

/** Commands for the task that is selected in the queue or shown by the panel, and for the queue's filter. */
const QUEUE_NAMES = [
  'queue-filter',
  'queue-show',
  'queue-start',
  'queue-edit',
  'queue-hint',
  'queue-cancel',
  'queue-pause',
  'queue-resume',
  'queue-retry',
  'queue-why',
  'queue-diff',
  'queue-pane',
] as const;

/** They mean something while the queue has the keys; those that act on a task also in the panel. */
export type QueueCommand =
  | { readonly name: 'queue-select'; readonly to: StepWord }
  | { readonly name: 'queue-priority'; readonly by: number }
  | { readonly name: (typeof QUEUE_NAMES)[number] };

/** They mean something while the panel of a task is open. */
export type PanelCommand =
  | { readonly name: 'panel-go'; readonly to: PanelPart | 'next' | 'previous' }
  /** Gives the answer of that number. */
  | { readonly name: 'panel-choose'; readonly row: number }
  /** Chooses the selected answer, or looks into the selected file. */
  | { readonly name: 'panel-enter' };

/** Commands of one word that take no other. */
const SIMPLE = [
  'zoom',
  'even-sizes',
  'close-window',
  'break-pane',
  // Locks the focused pane or unlocks it; pauses its task or resumes it; opens a shell beside it.
  'lock-pane',
  'pause-task',
  'shell',
  // Opens the panel of the task that is selected in the queue, or that the focused pane works on.
  'intervene',
  'detach',
  'help',
  'quick',
  // Give the keys to the queue or to the activity feed, or back to the panes when it has them.
  'queue',
  'activity',
  // Closes help, a popup or the panel.
  'close',
  'copy-mode',
  'copy-mode-up',
  'paste-buffer',
  'edit-history',
  'search',
  // Shows what the status line has said.
  'messages',
  'redraw',
  'suspend',
  'send-prefix',
  'unbind',
] as const;

export type Command =
  | QueueCommand
  | PanelCommand
  | { readonly name: (typeof SIMPLE)[number] }
  /** Moves the text of help, of a popup or of the feed, and what is selected in the panel. */
  | { readonly name: 'scroll'; readonly to: StepWord }
  | { readonly name: 'focus'; readonly to: Direction | 'next' | 'last' | 'attention' | number }
  | { readonly name: 'command-bar'; readonly text: string }
  | { readonly name: 'sidebar'; readonly of: SidebarName | null }
  | { readonly name: 'swap'; readonly with: Direction | 'next' | 'previous' | number }
  | { readonly name: 'resize'; readonly to: Direction; readonly by: number }
  /** A name, or `next` and `previous` in the order of the names. */
  | { readonly name: 'layout' | 'theme'; readonly to: string }
  /** An empty name is chosen for the operator. */
  | { readonly name: 'new-window' | 'rename-window'; readonly title: string }
  /** A number from 1, a name, `next`, `previous` or `last`. */
  | { readonly name: 'window'; readonly to: string }
  /** A window's number or name; empty for the one that shows all panes. */
  | { readonly name: 'join-pane'; readonly to: string };

export type ParsedCommand = { ok: true; command: Command } | { ok: false; message: string };

const FOCUS_WORDS = ['left', 'right', 'up', 'down', 'next', 'last', 'attention'] as const;

const DIRECTIONS = ['left', 'right', 'up', 'down'] as const;

/** Words that a command takes first, for completion; those of layouts, themes and windows are added by who knows them. */
export const COMMAND_WORDS: Readonly<Record<string, readonly string[]>> = {
  focus: FOCUS_WORDS,
  swap: [...DIRECTIONS, 'next', 'previous'],
  resize: DIRECTIONS,
  sidebar: SIDEBAR_NAMES,
  'queue-select': STEP_WORDS,
  'queue-priority': ['+1', '-1'],
  scroll: STEP_WORDS,
  'panel-go': [...PANEL_PARTS, 'next', 'previous'],
  'panel-choose': ['1', '2', '3'],
  layout: ['next', 'previous'],
  theme: ['next', 'previous'],
  window: ['next', 'previous', 'last'],
  'join-pane': [],
};

/** Every command by its first word. */
const COMMAND_NAMES: readonly string[] = [
  ...Object.keys(COMMAND_WORDS),
  'new-window',
  'rename-window',
  'command-bar',
  'panel-enter',
  ...QUEUE_NAMES,
  ...SIMPLE,
];

/** Those that make sense as a line of the command bar. */
export const BAR_COMMANDS: readonly string[] = COMMAND_NAMES.filter(
  (name) => !['command-bar', 'close', 'send-prefix', 'unbind'].includes(name),
);

/** Commands of which a key works again without the prefix for a moment. */
export function isRepeatable(command: Command): boolean {
  return command.name === 'resize';
}
/** True for a line that begins with a command of the workspace that takes words, and is no verb. */
export function takesOwnWords(line: string): boolean {
  const [name = ''] = line.trim().split(/\s+/);
  return Object.hasOwn(COMMAND_WORDS, name) || name === 'rename-window';
}

/** Parses a command string such as `focus left`; a mistake comes back as one sentence with the nearest known word. */
export function parseCommand(text: string): ParsedCommand {
  const [name = '', ...rest] = text.trim().split(/\s+/);
  if (name === 'command-bar') return { ok: true, command: { name, text: rest.join(' ') } };
  const withWords = parseWithWords(name, rest);
  if (withWords) return withWords;
  const command = commandOfOneWord(name);
  if (command === null) return { ok: false, message: unknownWord('command', name, COMMAND_NAMES) };
  if (rest.length > 0) return { ok: false, message: `${name} takes no argument, but got "${rest.join(' ')}"` };
  return { ok: true, command };
}

function commandOfOneWord(name: string): Command | null {
  if (name === 'panel-enter') return { name };
  const ofQueue = QUEUE_NAMES.find((known) => known === name);
  if (ofQueue !== undefined) return { name: ofQueue };
  const simple = SIMPLE.find((known) => known === name);
  return simple === undefined ? null : { name: simple };
}

/** A command that takes words of its own; null for another. */
function parseWithWords(name: string, rest: readonly string[]): ParsedCommand | null {
  switch (name) {
    case 'focus':
      return parseFocus(rest);
    case 'swap':
      return parseSwap(rest);
    case 'resize':
      return parseResize(rest);
    case 'sidebar':
      return parseSidebar(rest);
    case 'queue-select':
    case 'scroll':
      return parseStep(name, rest);
    case 'panel-go':
    case 'panel-choose':
      return parsePanel(name, rest);
    case 'queue-priority': {
      const [by = ''] = rest;
      if (rest.length !== 1 || !/^[+-]\d{1,3}$/.test(by))
        return { ok: false, message: 'queue-priority takes a number with its sign, such as +1' };
      return { ok: true, command: { name, by: Number(by) } };
    }
    case 'layout':
    case 'theme':
    case 'window': {
      const [to = ''] = rest;
      if (name !== 'window' && rest.length !== 1)
        return { ok: false, message: `${name} takes the name of a ${name}, next or previous` };
      if (to === '') return { ok: false, message: "window takes a window's number or name, next, previous or last" };
      return { ok: true, command: { name, to: rest.join(' ') } };
    }
    case 'join-pane':
      return { ok: true, command: { name, to: rest.join(' ') } };
    case 'new-window':
    case 'rename-window': {
      const title = rest.join(' ').slice(0, MOST_NAME);
      if (name === 'rename-window' && title === '') return { ok: false, message: 'rename-window takes the new name' };
      return { ok: true, command: { name, title } };
    }
    default:
      return null;
  }
}

/** Longer names would fill the window list. */
const MOST_NAME = 40;

function parseFocus(rest: readonly string[]): ParsedCommand {
  const [target = ''] = rest;
  if (rest.length !== 1)
    return { ok: false, message: `focus takes one of ${FOCUS_WORDS.join(', ')} or a pane's number` };
  if (isPaneNumber(target)) return { ok: true, command: { name: 'focus', to: Number(target) } };
  const word = FOCUS_WORDS.find((known) => known === target);
  if (word === undefined) return { ok: false, message: unknownWord('target of focus', target, FOCUS_WORDS) };
  return { ok: true, command: { name: 'focus', to: word } };
}

function isPaneNumber(text: string): boolean {
  return /^[1-9]\d{0,2}$/.test(text);
}

function parseSwap(rest: readonly string[]): ParsedCommand {
  const [target = ''] = rest;
  const words = [...DIRECTIONS, 'next', 'previous'] as const;
  if (rest.length !== 1) return { ok: false, message: `swap takes one of ${words.join(', ')} or a pane's number` };
  if (isPaneNumber(target)) return { ok: true, command: { name: 'swap', with: Number(target) } };
  const word = words.find((known) => known === target);
  if (word === undefined) return { ok: false, message: unknownWord('target of swap', target, words) };
  return { ok: true, command: { name: 'swap', with: word } };
}

function parseResize(rest: readonly string[]): ParsedCommand {
  const [target = '', cells = '1'] = rest;
  if (rest.length < 1 || rest.length > 2 || !isPaneNumber(cells))
    return { ok: false, message: `resize takes one of ${DIRECTIONS.join(', ')} and a number of cells` };
  const to = DIRECTIONS.find((known) => known === target);
  if (to === undefined) return { ok: false, message: unknownWord('direction', target, DIRECTIONS) };
  return { ok: true, command: { name: 'resize', to, by: Number(cells) } };
}

function parseSidebar(rest: readonly string[]): ParsedCommand {
  const [target] = rest;
  if (target === undefined) return { ok: true, command: { name: 'sidebar', of: null } };
  if (rest.length > 1) return { ok: false, message: 'sidebar takes one name, or none for all sidebars' };
  const of = SIDEBAR_NAMES.find((known) => known === target);
  if (of === undefined) return { ok: false, message: unknownWord('sidebar', target, SIDEBAR_NAMES) };
  return { ok: true, command: { name: 'sidebar', of } };
}

function parseStep(name: 'queue-select' | 'scroll', rest: readonly string[]): ParsedCommand {
  const [target = ''] = rest;
  if (rest.length !== 1) return { ok: false, message: `${name} takes one of ${STEP_WORDS.join(', ')}` };
  const to = STEP_WORDS.find((known) => known === target);
  if (to === undefined) return { ok: false, message: unknownWord(`step of ${name}`, target, STEP_WORDS) };
  return { ok: true, command: { name, to } };
}

function parsePanel(name: 'panel-go' | 'panel-choose', rest: readonly string[]): ParsedCommand {
  const [target = ''] = rest;
  if (name === 'panel-choose') {
    if (rest.length === 1 && /^[1-9]$/.test(target)) return { ok: true, command: { name, row: Number(target) } };
    return { ok: false, message: 'panel-choose takes the number of an answer, from 1 to 9' };
  }
  const words = [...PANEL_PARTS, 'next', 'previous'] as const;
  const to = words.find((word) => word === target);
  if (to === undefined || rest.length !== 1) return { ok: false, message: `panel-go takes one of ${words.join(', ')}` };
  return { ok: true, command: { name, to } };
}

/** `there is no command "zom"; the nearest is "zoom"` */
export function unknownWord(kind: string, word: string, known: readonly string[]): string {
  return `there is no ${kind} "${word}"; the nearest is "${nearest(word, known)}"`;
}
