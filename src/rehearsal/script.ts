// Owns what a rehearsal's script is, and how it is found in a text and read from its YAML.
import { parse as parseYaml } from 'yaml';
import { readSteps, ScriptError } from './step-reader.ts';

export type Verdict = 'pass' | 'fail' | 'blocked';

export type Change =
  | { readonly content: string }
  | { readonly find: string; readonly replace: string }
  | { readonly append: string };

export type Action =
  | { readonly kind: 'say'; readonly text: string }
  /** ms of the script's time. */
  | { readonly kind: 'think'; readonly ms: number }
  | { readonly kind: 'read'; readonly file: string }
  | { readonly kind: 'edit'; readonly file: string; readonly change: Change }
  /** `must`: when it fails, so does the task. */
  | { readonly kind: 'run'; readonly command: string; readonly must: boolean }
  /** `patience`: ms after which the first option is taken; null waits for ever. */
  | {
      readonly kind: 'ask';
      readonly question: string;
      readonly options: readonly string[];
      readonly patience: number | null;
    }
  | { readonly kind: 'commit'; readonly message: string }
  | { readonly kind: 'complete'; readonly verdict: Verdict; readonly summary: string }
  /** Calls a tool of an MCP server. */
  | { readonly kind: 'call'; readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly kind: 'hang' }
  | { readonly kind: 'crash'; readonly code: number }
  | { readonly kind: 'api-error'; readonly error: string; readonly message: string }
  | { readonly kind: 'end-turn'; readonly message: string }
  | { readonly kind: 'leave-running'; readonly command: string };

/** One step; `attempt` limits it to that attempt of the task. */
export type Step = Action & { readonly attempt: number | null };

export interface Script {
  readonly steps: readonly Step[];
  /** Played when the branch was given back by the landing lane; null: merge, and put its own edits on top again. */
  readonly returned: readonly Step[] | null;
  /** Multiplies the speed of the environment. */
  readonly speed: number;
}

export type Reading = { readonly script: Script } | { readonly problem: string };

/** The first line of a script, quoted or not. */
const FENCE = /^[\s>]*(```+|~~~+)\s*rehearsal\s*$/;

/** The lines of the first block fenced as `rehearsal`, without the `> ` of a quotation; null when there is none. */
export function findScript(text: string): string | null {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => FENCE.test(line));
  if (start === -1) return null;
  const [, prefix = '', fence = '```'] = /^([\s>]*)(```+|~~~+)/.exec(lines[start] ?? '') ?? [];
  const body: string[] = [];
  for (const line of lines.slice(start + 1)) {
    // A quoted empty line may have lost the blank behind its mark.
    const own = line.startsWith(prefix) ? line.slice(prefix.length) : line.replace(/^[\s>]*$/, '');
    if (own.trim() === fence) break;
    body.push(own);
  }
  return body.join('\n');
}

/** The text with a script's lines replaced by their number: a person wants to see it played, not written. */
export function withoutScript(text: string): string {
  const yaml = findScript(text);
  if (yaml === null) return text;
  const lines = text.split('\n');
  const start = lines.findIndex((line) => FENCE.test(line));
  const count = yaml.split('\n').length;
  return [
    ...lines.slice(0, start),
    `(a script of ${count} lines, played below)`,
    ...lines.slice(start + count + 2),
  ].join('\n');
}

/** Reads the YAML of a script: a list of steps, or a mapping with `steps`, `returned` and `speed`. */
export function readScript(yaml: string): Reading {
  try {
    const value: unknown = parseYaml(yaml);
    return { script: scriptOf(value) };
  } catch (error) {
    if (error instanceof ScriptError) return { problem: error.message };
    const [first = 'is no YAML'] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { problem: `the script is no valid YAML: ${first}` };
  }
}

const HEAD_KEYS = new Set(['steps', 'returned', 'speed']);

function scriptOf(value: unknown): Script {
  if (Array.isArray(value)) return fromList(value);
  if (typeof value !== 'object' || value === null) throw new ScriptError('the script is no list of steps');
  const head: Readonly<Record<string, unknown>> = { ...value };
  const unknown = Object.keys(head).find((key) => !HEAD_KEYS.has(key));
  if (unknown !== undefined) throw new ScriptError(`the script has an unknown key "${unknown}"`);
  const speed = head['speed'] ?? 1;
  if (typeof speed !== 'number' || !(speed > 0)) throw new ScriptError('"speed" takes a number above 0');
  const { steps, returned } = fromList(head['steps']);
  const apart = head['returned'] === undefined ? returned : readSteps(head['returned'], 'returned step');
  return { steps, returned: apart, speed };
}

/** In a list, the steps for a branch that was given back stand in an item `returned:`. */
function fromList(value: unknown): Script {
  if (!Array.isArray(value)) throw new ScriptError('"steps" takes a list');
  const isReturned = (item: unknown): item is { returned: unknown } =>
    typeof item === 'object' && item !== null && Object.keys(item).join() === 'returned';
  const returned = value.find(isReturned);
  const steps = readSteps(
    value.filter((item) => !isReturned(item)),
    'step',
  );
  return { steps, returned: returned === undefined ? null : readSteps(returned.returned, 'returned step'), speed: 1 };
}
