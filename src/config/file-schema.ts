// Owns what a configuration file may say: the validator of both files, and which keys belong to the operator alone.
import { z } from 'zod';
import { AGENT_KINDS, TREE_BACKENDS } from '../domain/worker.ts';
import { formatDuration, parseDuration } from './duration.ts';

/** Node's timers overflow at 24.8 days; nothing here is sensible beyond a week. */
const LONGEST = 7 * 86_400_000;

/** An agent's tool is held so long, and its hook ends after two hours. */
const LONGEST_SYNC = 3_600_000;

const duration = (least: number, most = LONGEST) =>
  z.string({ error: 'takes a duration such as 30s, 10m or 1h' }).transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= least && ms <= most) return ms;
    const tooLong = `is longer than ${most === LONGEST ? '7d' : formatDuration(most)}`;
    const problem = ms === null ? 'is no duration; write 30s, 10m or 1h' : ms < least ? 'is too short' : tooLong;
    context.addIssue({ code: 'custom', message: `"${text}" ${problem}` });
    return z.NEVER;
  });

const whole = (least: number, most: number) =>
  z
    .int({ error: `takes a whole number from ${least} to ${most}` })
    .min(least)
    .max(most);
const words = z.string().max(10_000);
const list = z.array(z.string().min(1).max(10_000)).max(200);
/** It becomes an argument of git and of the agent: it must not look like an option. */
const plainName = (what: string) =>
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,199}$/, { error: `is no ${what}` });
const branch = z.string().regex(/^(?![-/.])(?!.*(\.\.|@\{|\/\/|\.lock$|\/$))[^\s~^:?*[\\\p{Cc}]{1,200}$/u, {
  error: 'is no name of a branch',
});

/** A file or folder of the repository: it is never outside of it, nor in its git folder. */
const inside = z
  .string()
  .max(1000)
  .transform((text) => text.replace(/^\.\//, '').replace(/\/+$/, ''))
  .refine((path) => /^(?!\/)(?!.*\0)/.test(path) && !path.split('/').some((part) => part === '..' || part === '.git'), {
    error: 'is no path within the repository',
  })
  .transform((path) => (path === '.' ? '' : path));
const files = z.array(inside.refine((path) => path !== '', { error: 'names no file' })).max(200);

/** As src/pool/dependencies/ecosystems.ts knows them. */
const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn', 'bun', 'uv', 'venv', 'go', 'cargo', 'maven', 'gradle'] as const;

const dependencies = z.union(
  [
    z.enum(['auto', 'none']),
    z
      .strictObject({
        folders: z.array(inside).max(50),
        skip: z.array(z.enum(PACKAGE_MANAGERS)),
        share: z.enum(['auto', 'link', 'copy']),
        keyFiles: files,
      })
      .partial(),
  ],
  { error: 'takes auto, none, or a group of folders, skip, share and keyFiles' },
);

const setup = z
  .array(
    z.strictObject({
      run: words.min(1),
      keyFiles: files.default([]),
      outputs: files.default([]),
      check: words.min(1).nullable().default(null),
      timeout: duration(1000).default(10 * 60_000),
    }),
  )
  .max(20);

/** Claude Code's own words for `--permission-mode`. */
const PERMISSION_MODES = ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions'] as const;

/** A whole file; every key may be left out. Times are in ms afterwards. */
export const FILE_SCHEMA = z
  .strictObject({
    baseBranch: branch.nullable(),
    workers: whole(1, 64),
    agent: z.enum(AGENT_KINDS),
    test: words.min(1).nullable(),
    testTimeout: duration(1000),
    dependencies,
    setup,
    copy: files,
    taskTimeout: duration(1000),
    pauseGrace: duration(0),
    pool: z
      .strictObject({
        size: whole(0, 64),
        min: whole(0, 64),
        refresh: duration(10_000),
        backend: z.enum(['auto', ...TREE_BACKENDS]),
      })
      .partial(),
    retry: z.strictObject({ maxAttempts: whole(1, 100), baseDelay: duration(0), maxDelay: duration(0) }).partial(),
    apiRetry: z.strictObject({ baseDelay: duration(100), maxDelay: duration(100) }).partial(),
    subtasks: z
      .strictObject({
        maxDepth: whole(0, 10),
        maxPerTask: whole(0, 1000),
        perMinute: whole(0, 1000),
        maxTokens: whole(1, 1e12).nullable(),
        maxCost: z.number({ error: 'takes dollars, such as 2.50' }).positive().max(1e6).nullable(),
      })
      .partial(),
    sync: z.strictObject({ fetch: z.enum(['auto', 'off']), timeout: duration(1000, LONGEST_SYNC) }).partial(),
    claude: z
      .strictObject({
        command: words.min(1),
        args: list,
        model: plainName('name of a model').nullable(),
        permissionMode: z.enum(PERMISSION_MODES),
        allow: list,
        deny: list,
        tui: z.enum(['default', 'fullscreen']),
        telemetry: z.enum(['auto', 'off']),
      })
      .partial(),
    policy: z
      .strictObject({ insideWorktree: z.enum(['allow', 'ask']), outsideWorktree: z.enum(['ask', 'deny']) })
      .partial(),
    command: z.strictObject({ argv: list }).partial(),
    keys: z
      .strictObject({ prefix: z.string().min(1).max(20), bindings: z.record(z.string().min(1).max(20), words) })
      .partial(),
    notify: z.enum(['auto', 'bell', 'osc9', 'osc99', 'osc777', 'off']),
    title: z.boolean(),
    scrollback: whole(0, 1_000_000),
    copyMode: z.enum(['vi', 'emacs']),
    copyCommand: list,
    copyOnSelect: z.boolean(),
    layout: plainName('name of a layout'),
    theme: plainName('name of a theme'),
    motion: z.enum(['full', 'reduced']),
  })
  .partial();

/** What one file says, validated. */
export type ConfigFile = z.infer<typeof FILE_SCHEMA>;

/**
 * Keys that a repository must not set, with the reason. A repository is written by others, and cloning it must not run
 * their programs or loosen an agent's permissions. What a repository may say can only tighten (`claude.deny` is added,
 * the stricter `policy` wins), or is run only where the operator asks for work (`test`, as with `npm test`).
 */
export const OPERATOR_KEYS: Readonly<Record<string, string>> = {
  'claude.command': 'it names a program that runs as you',
  'claude.args': "it could switch off the agent's permission rules",
  'claude.permissionMode': "it could switch off the agent's permission rules",
  'claude.allow': "it would loosen the agent's permission rules",
  'command.argv': 'it names a program that runs as you',
  keys: 'your keys are yours',
  copyMode: 'your keys are yours',
  copyCommand: 'it names a program that runs as you',
  copyOnSelect: 'your clipboard is yours',
  'pool.backend': 'it could have a server of root mount file systems',
  motion: 'how much may move on the screen is up to who looks at it',
  notify: 'your terminal is yours',
  title: 'your terminal is yours',
};

/** Every key of the file by its dotted name, groups among them. For the nearest known one, and for the template's test. */
export function knownKeys(): string[] {
  return keysOf(FILE_SCHEMA, '');
}

function keysOf(schema: z.ZodType, prefix: string): string[] {
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap() as z.ZodType, prefix);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysOf(option as z.ZodType, prefix));
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape).flatMap(([key, inner]) => [
    prefix + key,
    ...keysOf(inner as z.ZodType, `${prefix}${key}.`),
  ]);
}
