// Owns the sentence about a value that the schema of the configuration refuses: what the key takes, what was found, an example.
import { stringify } from 'yaml';
import { z } from 'zod';
import { truncateText } from '../domain/text-width.ts';
import { formatDuration } from './duration.ts';
import { FILE_SCHEMA, TOLD } from './file-schema.ts';
import { DEFAULT_CONFIG } from './schema.ts';

/** What the validator says of one value; the rest of its words are its own. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of `invalid_union`: those of each alternative, with paths from there on. */
  readonly errors?: readonly (readonly Issue[])[];
}

/** The issue to tell first: an unknown key explains what is missing beside it; of alternatives the one that is a group, where a group was given. */
export function firstIssue(issues: readonly Issue[], value: unknown): Issue | undefined {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue?.code !== 'invalid_union') return issue;
  const isGroup = kindOf(valueAt(value, issue.path)) === 'a group of keys';
  const inner = isGroup ? firstIssue(issue.errors?.at(-1) ?? [], valueAt(value, issue.path)) : undefined;
  return inner === undefined ? issue : { ...inner, path: [...issue.path, ...inner.path] };
}

/** `workers: takes a whole number from 1 to 64, not "many"; for example, workers: 4` */
export function describeRefused(issue: Issue, value: unknown): string {
  const path = issue.path.map(String);
  if (path.length === 0) return `the file: takes a group of keys, not ${kindOf(value)}; for example, workers: 4`;
  // Of a group whose keys are free it is the key that is refused, and its group that takes others.
  const isKey = issue.code === 'invalid_key';
  const place = isKey ? path.slice(0, -1) : path;
  const takes = isKey ? 'keys of 1 to 20 characters' : takesOf(schemaAt(place));
  const found = isKey ? quoted(path.at(-1) ?? '') : shown(valueAt(value, path));
  return `${place.join('.')}: takes ${takes}, not ${found}; for example, ${exampleOf(place)}`;
}

/** The names of the keys that the group at a path may have; none where it is no group. */
export function keysAt(path: readonly string[]): string[] {
  const schema = schemaAt(path);
  const group = schema instanceof z.ZodUnion ? plain(schema.options.at(-1)) : schema;
  return group instanceof z.ZodObject ? Object.keys(group.shape) : [];
}

/** Without what makes it optional or gives it a default. */
function plain(schema: unknown): z.ZodType {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return isWrapped ? plain(schema.unwrap()) : (schema as z.ZodType);
}

function schemaAt(path: readonly string[]): z.ZodType {
  return path.reduce<z.ZodType>((schema, key) => {
    const group = schema instanceof z.ZodUnion ? plain(schema.options.at(-1)) : schema;
    if (group instanceof z.ZodObject) return plain(group.shape[key]);
    if (group instanceof z.ZodRecord) return plain(group.valueType);
    return group instanceof z.ZodArray ? plain(group.element) : group;
  }, plain(FILE_SCHEMA));
}

function takesOf(schema: z.ZodType): string {
  const told = TOLD.get(schema)?.takes;
  if (told !== undefined) return told;
  if (schema instanceof z.ZodEnum)
    return schema.options.length === 2 ? schema.options.join(' or ') : `one of ${schema.options.join(', ')}`;
  if (schema instanceof z.ZodObject) return `a group of ${Object.keys(schema.shape).join(', ')}`;
  return 'true or false';
}

/** The key as it may stand in a file, with all that it stands in; of an item of a list, the whole list. */
function exampleOf(path: readonly string[]): string {
  const item = path.findIndex((key) => /^\d+$/.test(key));
  let part = item < 0 ? path : path.slice(0, item);
  // A key of the reader's own making has none, but its group has.
  while (exampleAt(part) === undefined) part = part.slice(0, -1);
  const whole = part.reduceRight<unknown>((inner, key) => ({ [key]: inner }), exampleAt(part));
  return stringify(whole, { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .replace(/^\{ (.*) \}$/, '$1');
}

function exampleAt(path: readonly string[]): unknown {
  const schema = schemaAt(path);
  const told = TOLD.get(schema)?.example;
  const standard = valueAt(DEFAULT_CONFIG, path);
  if (told !== undefined) return told;
  if (schema instanceof z.ZodObject) {
    const key = Object.keys(schema.shape).find((name) => exampleAt([...path, name]) !== undefined);
    return key === undefined ? undefined : { [key]: exampleAt([...path, key]) };
  }
  // Of what is told in words, a number is a time.
  return schema instanceof z.ZodPipe && typeof standard === 'number'
    ? formatDuration(standard)
    : (standard ?? undefined);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined,
    value,
  );
}

/** Cells of a wrong value that are shown. */
const MOST_SHOWN = 60;

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : kindOf(value);
}

function quoted(text: string): string {
  const cut = truncateText(text, MOST_SHOWN);
  return cut === text ? `"${text}"` : `"${cut}" (${text.length} characters)`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a group of keys';
  return value === undefined || value === null ? 'nothing' : 'a single value';
}
