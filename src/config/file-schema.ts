// Owns what a configuration file may say: the validator of both files, and which keys belong to the operator alone.
import { z } from 'zod';
import { AGENT_KINDS, TREE_BACKENDS } from '../domain/worker.ts';
import { formatDuration, parseDuration } from './duration.ts';

/** Node's timers overflow at 24.8 days; nothing here is sensible beyond a week. */
const LONGEST = 7 * 86_400_000;

/** An agent's tool is held so long, and its hook ends after two hours. */
const LONGEST_SYNC = 3_600_000;

/** What is told of a value that is refused, where its kind does not say it: its place in a sentence behind "takes", and an example. */
export interface Told {
  readonly takes: string;
  /** As the file would hold it. Without one the default is shown. */
  readonly example?: unknown;
}
export const TOLD = z.registry<Told>();

const duration = (least: number, most = LONGEST) =>
  z
    .string()
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== null && ms >= least && ms <= most) return ms;
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    })
    .register(TOLD, {
      takes: `a duration such as 30s, 10m or 1h, ${least === 0 ? 'at most' : `from ${formatDuration(least)} to`} ${formatDuration(most)}`,
    });

const whole = (least: number, most: number) =>
  z
    .int()
    .min(least)
    .max(most)
    .register(TOLD, { takes: `a whole number from ${least} to ${most}` });

const MOST_CHARACTERS = 10_000;
const words = (what: string, example: string) =>
  z
    .string()
    .min(1)
    .max(MOST_CHARACTERS)
    .register(TOLD, { takes: `${what} of 1 to ${MOST_CHARACTERS} characters`, example });
const list = (what: string, example: readonly string[]) =>
  z
    .array(words('a text', example[0] ?? ''))
    .max(200)
    .register(TOLD, { takes: `a list of at most 200 ${what}`, example });

/** It becomes an argument of git and of the agent: it must not look like an option. */
const plainName = (what: string, example: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@[\]-]{0,199}$/)
    .register(TOLD, { takes: `the name of a ${what}`, example });
const branch = z
  .string()
  .regex(/^(?![-/.])(?!.*(\.\.|@\{|\/\/|\.lock$|\/$))[^\s~^:?*[\\\p{Cc}]{1,200}$/u)
  .register(TOLD, { takes: 'the name of a branch', example: 'main' });

/** A file or folder of the repository: it is never outside of it, nor in its git folder. */
const inside = z
  .string()
  .max(1000)
  .transform((text) => text.replace(/^\.\//, '').replace(/\/+$/, ''))
  .refine((path) => /^(?!\/)(?!.*\0)/.test(path) && !path.split('/').some((part) => part === '..' || part === '.git'))
  .transform((path) => (path === '.' ? '' : path))
  .register(TOLD, { takes: 'a path within the repository' });
const file = inside.refine((path) => path !== '').register(TOLD, { takes: 'a path within the repository' });
const files = (example: string) =>
  z
    .array(file)
    .max(200)
    .register(TOLD, { takes: 'a list of at most 200 paths within the repository', example: [example] });

/** As src/pool/dependencies/ecosystems.ts knows them. */
const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn', 'bun', 'uv', 'venv', 'go', 'cargo', 'maven', 'gradle'] as const;

const dependencies = z
  .union([
    z.enum(['auto', 'none']),
    z
      .strictObject({
        folders: z
          .array(inside)
          .max(50)
          .register(TOLD, { takes: 'a list of at most 50 folders', example: ['.', 'web'] }),
        skip: z
          .array(z.enum(PACKAGE_MANAGERS))
          .register(TOLD, { takes: `a list of ${PACKAGE_MANAGERS.join(', ')}`, example: ['venv'] }),
        share: z.enum(['auto', 'link', 'copy']),
        keyFiles: files('prisma'),
      })
      .partial(),
  ])
  .register(TOLD, { takes: 'auto, none, or a group of folders, skip, share and keyFiles', example: 'none' });

const setup = z
  .array(
    z.strictObject({
      run: words('a shell command', 'make tools'),
      keyFiles: files('tools.lock').default([]),
      outputs: files('.tools').default([]),
      check: words('a shell command', 'test -d .tools').nullable().default(null),
      timeout: duration(1000).default(10 * 60_000),
    }),
  )
  .max(20)
  .register(TOLD, {
    takes: 'a list of at most 20 groups of run, keyFiles, outputs, check and timeout',
    example: [{ run: 'make tools', outputs: ['.tools'] }],
  });

const keyName = z.string().min(1).max(20).register(TOLD, { takes: 'a key of 1 to 20 characters', example: 'C-a' });

/** Claude Code's own words for `--permission-mode`. */
const PERMISSION_MODES = ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions'] as const;

/** A whole file; every key may be left out. Times are in ms afterwards. */
export const FILE_SCHEMA = z
  .strictObject({
    baseBranch: branch.nullable(),
    workers: whole(1, 64),
    agent: z.enum(AGENT_KINDS),
    test: words('a shell command', 'npm test').nullable(),
    testTimeout: duration(1000),
    dependencies,
    setup,
    copy: files('.env'),
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
        maxTokens: whole(1, 1e12)
          .register(TOLD, { takes: 'a whole number from 1 to 1000000000000', example: 20_000_000 })
          .nullable(),
        maxCost: z
          .number()
          .positive()
          .max(1e6)
          .register(TOLD, { takes: 'dollars, more than 0 and at most 1000000', example: 2.5 })
          .nullable(),
      })
      .partial(),
    sync: z.strictObject({ fetch: z.enum(['auto', 'off']), timeout: duration(1000, LONGEST_SYNC) }).partial(),
    claude: z
      .strictObject({
        command: words('the name or path of a program', 'claude'),
        args: list('texts', ['--verbose']),
        model: plainName('model', 'opus').nullable(),
        permissionMode: z.enum(PERMISSION_MODES),
        allow: list('permission rules', ['Bash(npm test)']),
        deny: list('permission rules', ['Read(./.env)']),
        tui: z.enum(['default', 'fullscreen']),
        telemetry: z.enum(['auto', 'off']),
      })
      .partial(),
    policy: z
      .strictObject({ insideWorktree: z.enum(['allow', 'ask']), outsideWorktree: z.enum(['ask', 'deny']) })
      .partial(),
    command: z.strictObject({ argv: list('texts', ['codex', 'exec', '{prompt}']) }).partial(),
    keys: z
      .strictObject({
        prefix: keyName,
        bindings: z
          .record(keyName, z.string().max(MOST_CHARACTERS).register(TOLD, { takes: 'a command', example: 'zoom' }))
          .register(TOLD, { takes: 'a group of keys with their commands', example: { 'prefix x': 'zoom' } }),
      })
      .partial(),
    notify: z.enum(['auto', 'bell', 'osc9', 'osc99', 'osc777', 'off']),
    title: z.boolean(),
    scrollback: whole(0, 1_000_000),
    copyMode: z.enum(['vi', 'emacs']),
    copyCommand: list('texts', ['wl-copy']),
    copyOnSelect: z.boolean(),
    layout: plainName('layout', 'grid'),
    theme: plainName('theme', 'dark'),
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
