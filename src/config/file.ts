// Owns the reading of one configuration file: YAML to validated values, every mistake told by file, line and key.
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { nearby, nearest } from '../domain/nearest.ts';
import { refuse } from '../domain/refusal.ts';
import { sanitise } from '../domain/text.ts';
import { editCommand } from './config-files.ts';
import { type ConfigFile, FILE_SCHEMA, knownKeys, OPERATOR_KEYS } from './file-schema.ts';
import { describeRefused, firstIssue, type Issue, keysAt } from './refused-value.ts';

interface Source {
  readonly path: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Parses and validates the text of a file. `owner` decides which keys it may set. Refuses with `bad-config`, naming file, line and key. */
export function parseConfigFile(text: string, path: string, owner: 'repository' | 'operator'): ConfigFile {
  const source = parseText(text, path);
  const { document, lines } = source;
  const [broken] = document.errors;
  if (broken) refuseAt(source, lines.linePos(broken.pos[0]).line, `is not YAML: ${broken.message}`);
  const value: unknown = toPlain(source) ?? {};
  const parsed = FILE_SCHEMA.safeParse(value);
  if (!parsed.success) {
    const issue = firstIssue(parsed.error.issues, value);
    if (issue) refuseIssue(source, issue, value);
  }
  if (owner === 'repository') refuseOperatorKeys(source);
  return parsed.data ?? {};
}

/** Refuses a value that is good in itself and not beside others, naming file and line. */
export function refuseKey(file: { text: string; path: string }, key: readonly string[], problem: string): never {
  const source = parseText(file.text, file.path);
  return refuseAt(source, lineOf(source, key), problem);
}

function parseText(text: string, path: string): Source {
  const lines = new LineCounter();
  return { path, lines, document: parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true }) };
}

/** Few aliases are honest; many are a bomb. */
function toPlain(source: Source): unknown {
  try {
    return source.document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    return refuseAt(source, 1, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refuseAt({ path }: Pick<Source, 'path'>, line: number, problem: string): never {
  return refuse('bad-config', `${path}:${line}: ${sanitise(problem)}`, editCommand(path, line));
}

function refuseIssue(source: Source, issue: Issue, value: unknown): never {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const unknown = [...path, issue.keys?.[0] ?? ''];
    return refuseAt(
      source,
      lineOf(source, unknown),
      `there is no key ${unknown.join('.')}; the nearest is ${nearestKey(unknown)}`,
    );
  }
  return refuseAt(source, lineOf(source, path), describeRefused(issue, value));
}

/** The nearest key of the same group, or of all keys when that is nearer to the bare name (a key that was put into the wrong group). */
function nearestKey(path: readonly string[]): string {
  const known = knownKeys();
  const bare = path.at(-1) ?? '';
  const group = path.slice(0, -1);
  const beside = nearby(bare, keysAt(group));
  if (beside !== null) return [...group, beside].join('.');
  const elsewhere = known.find((key) => key.split('.').at(-1) === bare);
  return elsewhere ?? nearest(path.join('.'), known);
}

/** The line of a key (not of its value, which may stand below it), counted from 1. */
function lineOf(source: Source, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(source.document, path.slice(0, length));
    if (offset !== null) return source.lines.linePos(offset).line;
  }
  return 1;
}

function offsetOf(document: Document, path: readonly string[]): number | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (!isNode(parent) || !('items' in parent)) return null;
  for (const [index, item] of (parent.items as unknown[]).entries()) {
    const key: unknown = typeof item === 'object' && item !== null && 'key' in item ? item.key : null;
    if (isNode(key) && 'value' in key && String(key.value) === last) return key.range?.[0] ?? null;
    if (isNode(item) && String(index) === last) return item.range?.[0] ?? null;
  }
  return null;
}

function refuseOperatorKeys(source: Source): void {
  for (const [key, reason] of Object.entries(OPERATOR_KEYS)) {
    const path = key.split('.');
    if (!source.document.hasIn(path)) continue;
    refuseAt(
      source,
      lineOf(source, path),
      `a repository may not set ${key}: ${reason}; set it in your own configuration`,
    );
  }
}
