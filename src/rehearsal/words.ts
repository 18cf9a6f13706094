// Owns what a text that reaches the agent asks of it, and what it answers to a person. Pure.
import { sanitise } from '../domain/text.ts';

export type Meaning =
  /** The landing lane gave the branch back; `base` is what to merge. */
  | { readonly kind: 'returned'; readonly base: string; readonly isConflict: boolean }
  /** Drover says to go on, or the last turn ended too early. */
  | { readonly kind: 'go-on' }
  /** A turn ended without complete_task. */
  | { readonly kind: 'nudge' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'words'; readonly text: string };

const CONFLICT = /conflicts with "([^"\n]+)"/;
const TRIAL = /merged with "([^"\n]+)" for a trial/;

/** Reads a text that was typed, or that a hook or a tool gave back. */
export function readMeaning(text: string): Meaning {
  const plain = text.trim();
  if (/^\/(exit|quit)$/.test(plain)) return { kind: 'leave' };
  const conflict = CONFLICT.exec(plain)?.[1];
  const base = conflict ?? TRIAL.exec(plain)?.[1];
  if (base !== undefined && plain.includes('complete_task again')) {
    return { kind: 'returned', base, isConflict: conflict !== undefined };
  }
  if (plain.includes('complete_task was not called')) return { kind: 'nudge' };
  if (/^(The service answers again|You were interrupted \()/.test(plain)) return { kind: 'go-on' };
  if (/^(continue|go on|resume)[.!]?$/i.test(plain)) return { kind: 'go-on' };
  return { kind: 'words', text: plain };
}

/** Characters of a person's words that an answer repeats. */
const QUOTED = 200;

/** The answer to what a person typed: it quotes the words, and is honest about what it is. */
export function answerTo(words: string, stepsLeft: number): string {
  const line = sanitise(words);
  const quoted = [...line].length > QUOTED ? `${[...line].slice(0, QUOTED).join('')}…` : line;
  const next =
    stepsLeft === 0
      ? 'My script is at its end.'
      : `I go on with my script; ${stepsLeft === 1 ? 'one step is' : `${stepsLeft} steps are`} left.`;
  return `You wrote: “${quoted}”. This is a rehearsal, so I take note of it but cannot act on it. ${next}`;
}
