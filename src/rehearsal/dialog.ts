// Owns a question with numbered options: which key chooses what, and how it looks. Pure.
import { type Block, BORDER, blank, bold, dim, line, SUGGESTION } from './block.ts';
import type { Key } from './keys.ts';

export interface Dialog {
  readonly title: string;
  /** What it is about, shown between the title and the question. */
  readonly detail: readonly Block[];
  readonly question: string;
  readonly options: readonly string[];
  /** The option under the cursor. */
  readonly at: number;
  /** Said below the options. */
  readonly note: string;
}

export type DialogStep =
  | { readonly kind: 'open'; readonly dialog: Dialog }
  | { readonly kind: 'chosen'; readonly index: number }
  | { readonly kind: 'cancelled' };

/** A digit chooses at once, arrows move, Enter takes, Esc leaves. Everything else is ignored. */
export function stepDialog(dialog: Dialog, key: Key): DialogStep {
  const last = dialog.options.length - 1;
  const move = (at: number): DialogStep => ({
    kind: 'open',
    dialog: { ...dialog, at: Math.max(0, Math.min(last, at)) },
  });
  if (key.kind === 'text') {
    const index = Number(key.text[0]) - 1;
    return index >= 0 && index <= last ? { kind: 'chosen', index } : { kind: 'open', dialog };
  }
  if (key.kind === 'paste') return { kind: 'open', dialog };
  if (key.name === 'up') return move(dialog.at - 1);
  if (key.name === 'down' || key.name === 'tab') return move(dialog.at + 1);
  if (key.name === 'enter') return { kind: 'chosen', index: dialog.at };
  return key.name === 'escape' ? { kind: 'cancelled' } : { kind: 'open', dialog };
}

/** The dialog as blocks of the live region. */
export function drawDialog(dialog: Dialog): Block[] {
  const options = dialog.options.map((option, index) =>
    index === dialog.at
      ? { ...line(`${index + 1}. ${option}`, SUGGESTION), prefix: ' ❯ ', prefixStyle: SUGGESTION }
      : { ...line(`${index + 1}. ${option}`), prefix: '   ' },
  );
  return [
    { ...line('', BORDER), rule: true },
    bold(` ${dialog.title}`),
    ...dialog.detail,
    ...(dialog.detail.length > 0 ? [blank] : []),
    { ...line(dialog.question), prefix: ' ' },
    ...options,
    dim(` ${dialog.note}`),
  ];
}
