// Owns the two key tables of copy mode, vi's and emacs', in tmux' words for what the keys do.

export type CopyAction =
  | 'cursor-left'
  | 'cursor-right'
  | 'cursor-up'
  | 'cursor-down'
  | 'scroll-up'
  | 'scroll-down'
  | 'halfpage-up'
  | 'halfpage-down'
  | 'page-up'
  | 'page-down'
  | 'top-line'
  | 'middle-line'
  | 'bottom-line'
  | 'history-top'
  | 'history-bottom'
  | 'start-of-line'
  | 'back-to-indentation'
  | 'end-of-line'
  | 'next-word'
  | 'next-word-end'
  | 'previous-word'
  | 'next-space'
  | 'next-space-end'
  | 'previous-space'
  | 'next-paragraph'
  | 'previous-paragraph'
  | 'next-prompt'
  | 'previous-prompt'
  | 'begin-selection'
  | 'select-line'
  | 'rectangle-toggle'
  | 'clear-selection'
  | 'other-end'
  | 'search-forward'
  | 'search-backward'
  | 'search-again'
  | 'search-reverse'
  | 'goto-line'
  | 'copy-selection-and-cancel'
  | 'copy-line-and-cancel'
  | 'copy-end-of-line-and-cancel'
  | 'refresh'
  | 'toggle-transcript'
  | 'cancel';

type KeyTable = Readonly<Record<string, CopyAction>>;

const BOTH: KeyTable = {
  Left: 'cursor-left',
  Right: 'cursor-right',
  Up: 'cursor-up',
  Down: 'cursor-down',
  'C-Up': 'scroll-up',
  'C-Down': 'scroll-down',
  PPage: 'page-up',
  NPage: 'page-down',
  Home: 'start-of-line',
  End: 'end-of-line',
  ']': 'next-prompt',
  '[': 'previous-prompt',
  n: 'search-again',
  N: 'search-reverse',
  r: 'refresh',
  t: 'toggle-transcript',
  q: 'cancel',
  'C-c': 'cancel',
};

const VI: KeyTable = {
  ...BOTH,
  h: 'cursor-left',
  j: 'cursor-down',
  k: 'cursor-up',
  l: 'cursor-right',
  BSpace: 'cursor-left',
  'C-h': 'cursor-left',
  'C-j': 'copy-selection-and-cancel',
  'C-y': 'scroll-up',
  'C-e': 'scroll-down',
  K: 'scroll-up',
  J: 'scroll-down',
  'C-u': 'halfpage-up',
  'C-d': 'halfpage-down',
  'C-b': 'page-up',
  'C-f': 'page-down',
  H: 'top-line',
  M: 'middle-line',
  L: 'bottom-line',
  g: 'history-top',
  G: 'history-bottom',
  0: 'start-of-line',
  '^': 'back-to-indentation',
  $: 'end-of-line',
  w: 'next-word',
  e: 'next-word-end',
  b: 'previous-word',
  W: 'next-space',
  E: 'next-space-end',
  B: 'previous-space',
  '{': 'previous-paragraph',
  '}': 'next-paragraph',
  v: 'begin-selection',
  Space: 'begin-selection',
  V: 'select-line',
  'C-v': 'rectangle-toggle',
  o: 'other-end',
  '/': 'search-forward',
  '?': 'search-backward',
  ':': 'goto-line',
  y: 'copy-selection-and-cancel',
  Enter: 'copy-selection-and-cancel',
  Y: 'copy-line-and-cancel',
  D: 'copy-end-of-line-and-cancel',
  Escape: 'clear-selection',
};

const EMACS: KeyTable = {
  ...BOTH,
  'C-b': 'cursor-left',
  'C-f': 'cursor-right',
  'C-p': 'cursor-up',
  'C-n': 'cursor-down',
  'C-v': 'page-down',
  Space: 'page-down',
  'M-v': 'page-up',
  'M-Up': 'halfpage-up',
  'M-Down': 'halfpage-down',
  'M-R': 'top-line',
  'M-r': 'middle-line',
  'M-<': 'history-top',
  'M->': 'history-bottom',
  'C-a': 'start-of-line',
  'M-m': 'back-to-indentation',
  'C-e': 'end-of-line',
  'M-f': 'next-word-end',
  'M-b': 'previous-word',
  'M-{': 'previous-paragraph',
  'M-}': 'next-paragraph',
  'C-Space': 'begin-selection',
  R: 'rectangle-toggle',
  'C-g': 'clear-selection',
  'C-s': 'search-forward',
  'C-r': 'search-backward',
  g: 'goto-line',
  'M-w': 'copy-selection-and-cancel',
  'C-w': 'copy-selection-and-cancel',
  'C-k': 'copy-end-of-line-and-cancel',
  Escape: 'clear-selection',
};

/** What a key does; null when it does nothing. */
export function copyAction(mode: 'vi' | 'emacs', key: string): CopyAction | null {
  const table = mode === 'vi' ? VI : EMACS;
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}
