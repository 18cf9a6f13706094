// Owns what "such calls" are when a person allows a call for the whole task: its tool with the program of its command, or the folder of its file.
//
// Never broader than what was asked: the places that it names and the folder it stands in belong to the kind. What cannot
// be told for sure is a kind of its own, the very same call.
import { dirname, isAbsolute, resolve as resolvePath, sep } from 'node:path';
import type { ToolCall } from './policy.ts';
import { readShell } from './shell-words.ts';

export interface CallKind {
  /** Equal for calls of one kind. */
  readonly key: string;
  /** For a person. Not sanitised. */
  readonly words: string;
}

/** Programs that run what their arguments say, or act elsewhere by them: their name says nothing of what they do. */
const OPEN_ENDED = new Set(
  `sh bash zsh dash ksh fish python python3 node perl ruby php deno bun env nohup time exec command builtin nice ionice
   setsid stdbuf timeout xargs find awk gawk sed eval source . sudo doas su pkexec runuser chroot unshare nsenter ssh scp
   sftp rsync docker podman kubectl gh glab npx npm pnpm yarn make curl wget systemctl crontab at batch`.split(/\s+/),
);
/** Programs that are many: the subcommand counts as well. */
const MANY = new Set(['git', 'cargo', 'go', 'pip', 'pip3', 'apt', 'apt-get', 'brew']);
/** Words whose meaning needs no shell. */
const PLAIN = /^[\w@%+,.:/-]+$/;
const FILE_FIELDS = ['file_path', 'notebook_path', 'path'];

/** The kind of a call. `resolve` follows links, as for the policy. */
export function kindOfCall(call: ToolCall): CallKind {
  const command = call.input['command'];
  try {
    if (call.tool === 'Bash' && typeof command === 'string') return kindOfCommand(call, command) ?? thisVery(call);
    const files = FILE_FIELDS.map((field) => call.input[field]).filter((value) => typeof value === 'string');
    const [file] = files;
    if (file !== undefined && files.length === 1) return kindOfFile(call, file) ?? thisVery(call);
  } catch {
    // A path that cannot be followed.
  }
  return thisVery(call);
}

function thisVery(call: ToolCall): CallKind {
  const key = JSON.stringify([call.tool, call.cwd ?? call.worktree, call.input]);
  return { key, words: `this very call of ${call.tool} again` };
}

/** Null for a file that steers git, the agent or Drover: each is a matter of its own. */
function kindOfFile(call: ToolCall, file: string): CallKind | null {
  if (file.startsWith('~')) return null;
  const end = call.resolve(isAbsolute(file) ? file : resolvePath(call.cwd ?? call.worktree, file));
  if (end.split(sep).some((part) => part.startsWith('.'))) return null;
  const folder = dirname(end);
  return { key: JSON.stringify([call.tool, folder]), words: `${call.tool} of files in ${folder}` };
}

/** Null unless it is one simple command of plain words. */
function kindOfCommand(call: ToolCall, command: string): CallKind | null {
  const { commands, nested, documents, isComplete } = readShell(command);
  const [words = []] = commands.filter((list) => list.length > 0);
  const [program, ...args] = words;
  if (commands.filter((list) => list.length > 0).length !== 1 || nested.length + documents.length > 0) return null;
  if (!isComplete || !program || /[&\n]/.test(command)) return null;
  if (OPEN_ENDED.has(program.text.split('/').at(-1) ?? '')) return null;
  if (words.some(({ text, isTarget }) => isTarget || !PLAIN.test(text))) return null;
  const from = call.cwd ?? call.worktree;
  const folders = new Set<string>();
  for (const { text } of args) {
    if (text.startsWith('-') && text.includes('/')) return null;
    if (text.includes('/') || text === '..') folders.add(dirname(call.resolve(resolvePath(from, text))));
  }
  const [first] = args;
  const sub = MANY.has(program.text) ? (first?.text ?? '') : '';
  if (sub.startsWith('-')) return null;
  const name = sub === '' ? program.text : `${program.text} ${sub}`;
  const places = [...folders].sort();
  const where = places.length === 0 ? '' : ` on files in ${places.join(', ')}`;
  return { key: JSON.stringify([call.tool, name, from, ...places]), words: `${name}${where}` };
}
