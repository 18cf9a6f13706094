// Owns what the shell's output looks like: colours where a terminal takes them, its width, errors for people and for programs.
import { styleText } from 'node:util';
import type { Paint, Tone } from '../client/verb.ts';
import { sanitise } from '../domain/text.ts';

const STYLES: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  busy: 'cyan',
  dim: 'gray',
  strong: 'bold',
};

/** Leaves the text as it is. */
export const plainPaint: Paint = (_tone, text) => text;

/** Colours by node's own table. */
const colourPaint: Paint = (tone, text) => styleText(STYLES[tone], text, { validateStream: false });

/** Colours on a terminal that is not dumb, unless NO_COLOR is set and not empty (no-color.org). */
export function choosePaint(
  stream: { isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const isColoured = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return isColoured ? colourPaint : plainPaint;
}

/** What is told of a failure; `next` may be empty. */
export interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

/** Two lines for a person: what is wrong, and what to type next. */
export function renderComplaint({ message, next }: Complaint, paint: Paint): string {
  const line = `${paint('bad', 'drover:')} ${sanitise(message)}\n`;
  return next === '' ? line : `${line}  next: ${paint('strong', sanitise(next))}\n`;
}

/** `{"error":{"code":…,"message":…,"next":…}}` and a line feed. */
export function renderComplaintJson({ code, message, next }: Complaint): string {
  return `${JSON.stringify({ error: { code, message, next } })}\n`;
}

/** One JSON document, indented, and a line feed. JSON escapes C0 itself; C1 and bidi marks are escaped here, as a terminal may show it. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value ?? null, null, 2);
  return `${text.replace(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, escapeUnit)}\n`;
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
