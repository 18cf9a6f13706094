// Owns reading the fields of a small data file (layout, theme) so that a mistake names the key; who read the file names that.
import { nearest } from '../../domain/nearest.ts';
import { truncateText } from '../../domain/text-width.ts';

/** A value with the place it was found at. */
export interface Field {
  /** `sidebar.width`; empty for the whole file. */
  readonly key: string;
  readonly value: unknown;
}

/** Parses JSON; what it throws names the line where that is known. */
export function parseJsonFile(text: string): Field {
  try {
    return { key: '', value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const [, position] = / in JSON at position (\d+).*$/s.exec(reason) ?? [];
    if (position === undefined) throw new Error(`not JSON: ${reason}`, { cause: error });
    const line = text.slice(0, Number(position)).split('\n').length;
    throw new Error(`line ${line} is not JSON: ${reason.replace(/ in JSON at position .*$/s, '')}`, { cause: error });
  }
}

/** Characters of a wrong value that are shown. */
const MOST_SHOWN = 30;

/** Throws what is wrong with a field: the key and its value first, as a narrow screen cuts what follows. */
export function wrong({ key, value }: Field, what: string): never {
  throw new Error(`${key || 'the file'} is ${shown(value)}; it ${what}`);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return truncateText(JSON.stringify(value) ?? 'missing', MOST_SHOWN);
}

/** An object with no other keys than `known`; gives a reader of its fields (a missing one has the value undefined). */
export function readObject<K extends string>(field: Field, known: readonly K[]): (key: K) => Field {
  const { value } = field;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrong(field, 'must be an object');
  const path = (key: string): string => (field.key ? `${field.key}.${key}` : key);
  for (const key of Object.keys(value)) {
    if (!known.some((name) => name === key)) {
      throw new Error(`there is no key "${path(key)}"; the nearest is "${path(nearest(key, known))}"`);
    }
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  return (key) => ({ key: path(key), value: fields.get(key) });
}

/** A whole number within bounds, both included. */
export function readNumber(field: Field, range: { from: number; to: number }): number {
  const { value } = field;
  if (typeof value === 'number' && Number.isInteger(value) && value >= range.from && value <= range.to) return value;
  return wrong(field, `must be a whole number from ${range.from} to ${range.to}`);
}

/** A list with a number of items within bounds; each item with its place. */
export function readList(field: Field, count: { from: number; to: number }): Field[] {
  const { value } = field;
  if (!Array.isArray(value) || value.length < count.from || value.length > count.to)
    return wrong(field, `must be a list of ${count.from === count.to ? '' : `${count.from} to `}${count.to} items`);
  return value.map((item: unknown, index) => ({ key: `${field.key}.${index}`, value: item }));
}

/** One of the words that are allowed. */
export function readWord<W extends string>(field: Field, words: readonly W[]): W {
  return words.find((word) => word === field.value) ?? wrong(field, `must be one of ${words.join(', ')}`);
}

/** True, false, or false when it is missing. */
export function readFlag(field: Field): boolean {
  if (field.value === undefined) return false;
  return typeof field.value === 'boolean' ? field.value : wrong(field, 'must be true or false');
}
