// Owns what makes a shell command worth a question: a path outside of the worktree, or a program that acts beyond it.
//
// A shell command can write anywhere by a thousand ways; this reads what the command says openly, and asks when in doubt.
import type { Place } from './policy.ts';
import { readShell, type Word } from './shell-words.ts';

export interface Finding {
  readonly reason: string;
  /** True for a path outside, which the policy may deny; the rest is always asked about. */
  readonly isOutside: boolean;
}

export interface ScanContext {
  /** Where a path leads, taken from `base` (relative to the shell's folder). */
  placeOf(path: string, base: string): Place;
}

/** Programs that act for another user, on the whole machine, on other processes or over the network in the operator's name. */
const BEYOND = new Set(
  `sudo doas su pkexec runuser chroot unshare nsenter mount umount systemctl service shutdown reboot halt poweroff mkfs
   crontab at batch pkill killall ssh scp sftp docker podman kubectl gh glab`.split(/\s+/),
);

/** Words that stand before the program that counts. */
const WRAPPERS = new Set(
  `env nohup time exec command builtin nice ionice setsid stdbuf timeout xargs then do else if elif while until ! {`.split(
    /\s+/,
  ),
);
const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'fish']);
/** Their scripts are read for paths as well. */
const INTERPRETERS = new Set([...SHELLS, 'python', 'python3', 'node', 'perl', 'ruby', 'php', 'deno', 'bun']);

/** Subcommands of git that reach other worktrees, the shared configuration or a remote. */
const GIT_BEYOND = new Set(
  `push worktree update-ref symbolic-ref filter-branch filter-repo gc prune reflog stash submodule send-email
   daemon maintenance pack-refs replace`.split(/\s+/),
);
/** Words of git that only read, after a subcommand that may write. */
const GIT_READS: Readonly<Record<string, RegExp>> = {
  config: /^(--get|--get-all|--get-regexp|--list|-l|get|list)$/,
  remote: /^(-v|--verbose|show|get-url)$/,
};
/** Subcommands that are stopped only with one of these options. */
const GIT_OPTIONS: Readonly<Record<string, RegExp>> = {
  branch: /^(-[dDmMfcC]|--delete|--move|--force|--copy)$/,
  tag: /^(-d|--delete|-f|--force)$/,
  checkout: /^(-B|--orphan)$/,
  switch: /^(-C|--orphan)$/,
};

/** Absolute paths that every program may name. */
const HARMLESS = new Set([
  '/dev/null',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/zero',
  '/dev/urandom',
  '/dev/random',
]);
const PROGRAM_FOLDERS = /^\/(usr\/)?(local\/)?s?bin\/[A-Za-z0-9._+-]+$/;

/** Variables that lead outside of the worktree. Others are set by the command itself, or hold no path. */
const OUTWARD = /\$\{?(HOME|OLDPWD|TMPDIR|XDG_[A-Z_]+|CLAUDE_CONFIG_DIR|DROVER_[A-Z_]+|NVM_DIR|GOPATH|CARGO_HOME)\b/;

/** Beginnings of a path within a word: at its start, or after what a flag, an assignment or a script puts in front of it. */
const ABSOLUTE = /(?:^|(:)|[\s'"=,(<>{}[\]|;&@`])(\/[^\s'"`;|&<>(){}[\],:]*)/g;
const HOME_PATH = /(?:^|[\s'"=:,(<>|;&@`])~[A-Za-z0-9_-]*(?:\/|$|[\s'"])/;
const ATTACHED = /^-[A-Za-z](\/.*)$/;

/** Programs whose quoted sentences are texts, not paths. */
const SPEAKERS = new Set(['echo', 'printf']);
/** Options of git after which a text stands. */
const MESSAGE = /^(-[a-z]*m|--message|--trailer)$/;
/** Programs whose first plain argument is a pattern. */
const SEEKERS = new Set(['grep', 'egrep', 'fgrep', 'rg', 'ag', 'jq']);

/** Commands within commands are followed this deep; deeper is asked about. */
const MAX_DEPTH = 4;
/** Characters; a longer command is asked about. It bounds the time that the scan may take. */
const MAX_LENGTH = 50_000;
/** Words; each is looked up in the file system. */
const MAX_WORDS = 1000;

/** The first thing in a command that needs a question, or null. */
export function scanCommand(command: string, context: ScanContext, depth = 0): Finding | null {
  if (depth > MAX_DEPTH || command.length > MAX_LENGTH) return ask('the command is too long or too deep to be read');
  const { commands, nested, documents, isComplete } = readShell(command);
  if (!isComplete) return ask('the command has an open quote or bracket');
  const count = commands.reduce((sum, words) => sum + words.length, 0);
  if (count > MAX_WORDS || nested.length > MAX_WORDS) return ask('the command has too many words to be read');
  const [base, rest] = leadingFolder(command, commands);
  for (const words of rest) {
    const finding = scanWords(words, base, context, depth);
    if (finding !== null) return finding;
  }
  const runsDocument = commands.some((words) => INTERPRETERS.has(programOf(words).name));
  for (const text of documents) {
    const finding = runsDocument ? scanText(text, base, context) : null;
    if (finding !== null) return finding;
  }
  const runsShell = commands.some((words) => SHELLS.has(programOf(words).name));
  for (const inner of [...nested, ...(runsShell ? documents : [])]) {
    const finding = scanCommand(inner, context, depth + 1);
    if (finding !== null) return finding;
  }
  return null;
}

const ask = (reason: string): Finding => ({ reason, isOutside: false });

/** `cd folder && …` at the very beginning moves the base of what follows; any later `cd` may not have been run. */
function leadingFolder(
  command: string,
  commands: readonly (readonly Word[])[],
): [string, readonly (readonly Word[])[]] {
  const [first] = commands;
  const folder = first?.[1]?.text;
  const isLeading = first?.[0]?.text === 'cd' && first.length === 2 && folder !== undefined;
  if (!isLeading || !/^\s*cd\s[^;|()\n]*?&&/.test(command)) return ['.', commands];
  // The folder itself is still looked at, from where the shell stands.
  return [folder, commands];
}

/** The program of a simple command behind assignments and wrappers, and its arguments. */
function programOf(words: readonly Word[]): { name: string; at: number; args: readonly Word[] } {
  let wrapped = false;
  for (const [index, { text }] of words.entries()) {
    if (/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(text)) continue;
    const name = text.slice(text.lastIndexOf('/') + 1);
    if (WRAPPERS.has(name)) {
      wrapped = true;
      continue;
    }
    // Options and numbers of a wrapper: `timeout 30`, `nice -n 5`.
    if (wrapped && /^(-|[0-9]+[smhd]?$)/.test(text)) continue;
    return { name, at: index, args: words.slice(index + 1) };
  }
  return { name: '', at: words.length, args: [] };
}

function scanWords(words: readonly Word[], base: string, context: ScanContext, depth: number): Finding | null {
  const { name, at, args } = programOf(words);
  const program = scanProgram(name, args, context, depth);
  if (program !== null) return program;
  const pattern = SEEKERS.has(name) ? args.find(({ text }) => !text.startsWith('-')) : undefined;
  for (const [index, word] of words.entries()) {
    if (word === pattern || isSpoken(name, word, words[index - 1])) continue;
    if (index <= at && !word.isTarget && PROGRAM_FOLDERS.test(word.text)) continue;
    const from = name === 'cd' && base !== '.' ? '.' : base;
    const finding = scanText(word.text, from, context) ?? scanRelative(word.text, from, context);
    if (finding !== null) return finding;
  }
  return null;
}

/** A text for people: it may name any path. */
function isSpoken(name: string, word: Word, before: Word | undefined): boolean {
  if (word.isTarget) return false;
  if (name === 'git') return /^--message=/.test(word.text) || (before !== undefined && MESSAGE.test(before.text));
  return SPEAKERS.has(name) && word.isQuoted && /\s/.test(word.text);
}

function scanProgram(name: string, args: readonly Word[], context: ScanContext, depth: number): Finding | null {
  if (BEYOND.has(name)) return ask(`${name} acts beyond the worktree`);
  if (name.includes('$')) return ask('the program is named by a variable');
  const texts = args.map(({ text }) => text);
  if (SHELLS.has(name)) {
    const flag = texts.findIndex((text) => /^-[a-z]*c$/.test(text));
    const script = flag === -1 ? undefined : texts[flag + 1];
    return script === undefined ? null : scanCommand(script, context, depth + 1);
  }
  if (name === 'cd' || name === 'pushd') {
    const folder = texts.find((text) => !/^-[LPe@]$/.test(text)) ?? '';
    const isKnown = folder !== '' && folder !== '-' && !folder.includes('$');
    return isKnown || (name === 'pushd' && folder === '')
      ? null
      : ask(`${name} ${show(folder)} leads to a folder that is not named`);
  }
  if (name === 'eval') return scanCommand(texts.join(' '), context, depth + 1);
  if (name === 'git') return scanGit(texts);
  // -1 as a target is every process of the user, Drover's too.
  if (name === 'kill' && texts.slice(1).includes('-1')) return ask('kill -1 ends every process');
  if (
    (name === 'npm' || name === 'pnpm' || name === 'yarn') &&
    texts.some((text) => /^(-g|--global|publish|login|link)$/.test(text))
  ) {
    return ask(`${name} acts beyond the worktree`);
  }
  return null;
}

function scanGit(texts: readonly string[]): Finding | null {
  let at = 0;
  for (; at < texts.length && texts[at]?.startsWith('-'); at += 1) {
    const flag = texts[at] ?? '';
    if (/^--(git-dir|work-tree|exec-path|namespace)/.test(flag)) return ask(`git ${flag} leaves the worktree`);
    if (flag === '-c' || flag.startsWith('--config-env')) return ask('git -c changes the configuration of git');
    if (flag === '-C') at += 1;
  }
  const verb = texts[at] ?? '';
  const rest = texts.slice(at + 1);
  if (GIT_BEYOND.has(verb) && !(verb === 'worktree' && rest[0] === 'list'))
    return ask(`git ${verb} reaches beyond the worktree`);
  const reads = GIT_READS[verb];
  if (reads !== undefined && rest.length > 0 && !rest.some((text) => reads.test(text))) {
    return ask(`git ${verb} changes what all worktrees share`);
  }
  const options = GIT_OPTIONS[verb];
  const option = options === undefined ? undefined : rest.find((text) => options.test(text));
  return option === undefined ? null : ask(`git ${verb} ${option} changes a branch that others may use`);
}

/** Absolute paths, home folders and outward variables anywhere in a text. */
function scanText(text: string, base: string, context: ScanContext): Finding | null {
  if (HOME_PATH.test(text)) return { reason: `${show(text)} names a home folder`, isOutside: true };
  if (OUTWARD.test(text)) return { reason: `${show(text)} leads outside of the worktree`, isOutside: true };
  const attached = ATTACHED.exec(text)?.[1];
  const paths = [...text.matchAll(ABSOLUTE)]
    // `//` behind a colon is a URL; with a third slash it is one of a file.
    .filter(([, colon, path]) => colon === undefined || !/^\/\/[^/]/.test(path ?? ''))
    .map(([, , path]) => path ?? '');
  for (const path of attached === undefined ? paths : [attached, ...paths]) {
    if (HARMLESS.has(path)) continue;
    const finding = judge(path, context.placeOf(path, base));
    if (finding !== null) return finding;
  }
  return null;
}

/** A word that is a relative path, or holds one after `=`. */
function scanRelative(text: string, base: string, context: ScanContext): Finding | null {
  if (text === '' || text.length > 4096 || /^[a-z]+:\/\//.test(text)) return null;
  for (const part of new Set([text, text.slice(text.indexOf('=') + 1)])) {
    if (part === '' || part.startsWith('-') || part.startsWith('/')) continue;
    const finding = judge(part, context.placeOf(part, base));
    if (finding !== null) return finding;
  }
  return null;
}

function judge(path: string, place: Place): Finding | null {
  if (place === 'outside') return { reason: `${show(path)} is outside of the worktree`, isOutside: true };
  if (place === 'guarded') return ask(`${show(path)} steers git, the agent or Drover itself`);
  return null;
}

/** A path in a sentence: short, without control characters. */
function show(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
