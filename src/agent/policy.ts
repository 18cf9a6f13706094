// Owns the answer to a tool that writes: allow inside of the worktree, ask or deny outside. Pure but for the resolver it is given.
//
// A courtesy, not a sandbox: it keeps an honest agent in its worktree and asks a person about the rest. A program that the
// agent writes and runs can do all that the operator can; who needs a wall puts the whole session into a container.
import { isAbsolute, relative, resolve as resolvePath, sep } from 'node:path';
import type { Config } from '../config/schema.ts';
import { scanCommand } from './shell-scan.ts';

/** Where a run may write. */
export interface PolicyContext {
  readonly worktree: string;
  /** Further folders it may write to, e.g. a cache of packages; absolute. */
  readonly extraWritable: readonly string[];
  readonly policy: Config['policy'];
  /** True for a task that only reads: nothing is allowed that writes, or that might. */
  readonly isReadOnly?: boolean;
}

export interface ToolCall extends PolicyContext {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The agent's working folder at the time of the call; the worktree when it is not known. */
  readonly cwd?: string;
  /** Where an absolute path really leads (real-path.ts). May throw: that asks. */
  readonly resolve: (path: string) => string;
}

export interface Decision {
  readonly decision: 'allow' | 'ask' | 'deny';
  /** For the agent and for a person, in one sentence. */
  readonly reason: string;
}

/** Where a path is, as far as the policy cares. */
export type Place = 'inside' | 'outside' | 'guarded';

/**
 * Names that steer git, the agent or Drover itself: what is written there runs later, with the operator's rights and
 * outside of any worktree. Compared in lower case, because some file systems do.
 */
const GUARDED = new Set(['.git', '.drover', '.husky', '.githooks', '.mcp.json']);
const GUARDED_CLAUDE = new Set(['settings.json', 'settings.local.json', 'hooks']);

function isGuarded(parts: readonly string[]): boolean {
  const lower = parts.map((part) => part.toLowerCase());
  return lower.some(
    (part, index) => GUARDED.has(part) || (part === '.claude' && GUARDED_CLAUDE.has(lower[index + 1] ?? '')),
  );
}

function partsWithin(folder: string, path: string): string[] | null {
  const way = relative(folder, path);
  if (way === '') return [];
  const parts = way.split(sep);
  return parts[0] === '..' || isAbsolute(way) ? null : parts;
}

/**
 * Tells where a path leads. It is taken both ways that programs read `..` (before and after links are followed), and
 * both must be inside. Guarded counts inside of the worktree only; a resolver that throws gives outside.
 */
function placeOf(path: string, from: string, call: Pick<ToolCall, 'worktree' | 'extraWritable' | 'resolve'>): Place {
  try {
    // join() would fold the `..` away before the resolver has seen the links in front of it.
    const raw = isAbsolute(path) ? path : `${from}${sep}${path}`;
    const ends = [call.resolve(raw), call.resolve(resolvePath(raw))];
    const folders = [call.worktree, ...call.extraWritable].map((folder) => call.resolve(folder));
    const places = ends.map((end): Place => {
      const parts = folders.map((folder) => partsWithin(folder, end)).find((found) => found !== null);
      if (parts === undefined) return 'outside';
      return isGuarded(parts) ? 'guarded' : 'inside';
    });
    // What a link is called counts as well as where it leads: `.git/x` must not pass by a link elsewhere.
    const named = partsWithin(resolvePath(call.worktree), resolvePath(raw));
    if (places.includes('outside')) return 'outside';
    return places.includes('guarded') || (named !== null && isGuarded(named)) ? 'guarded' : 'inside';
  } catch {
    return 'outside';
  }
}

/** Fields that may hold the file of a writing tool. */
const FILE_FIELDS = ['file_path', 'notebook_path', 'path'];

function decideFile(call: ToolCall): Decision {
  const paths = FILE_FIELDS.map((field) => call.input[field]).filter((value) => typeof value === 'string');
  if (paths.length === 0) return { decision: 'ask', reason: `${call.tool} names no file` };
  for (const path of paths) {
    // A tool may expand a tilde by itself.
    const place = path.startsWith('~') ? 'outside' : placeOf(path, call.cwd ?? call.worktree, call);
    if (place === 'guarded') return { decision: 'ask', reason: `${path} steers git, the agent or Drover itself` };
    if (place === 'outside') return outside(call, `${path} is outside of the worktree`);
  }
  return inside(call, 'the file is inside of the worktree');
}

function decideCommand(call: ToolCall): Decision {
  const command = call.input['command'];
  if (typeof command !== 'string') return { decision: 'ask', reason: `${call.tool} names no command` };
  const from = call.cwd ?? call.worktree;
  if (placeOf('.', from, call) === 'outside') return outside(call, 'the shell stands outside of the worktree');
  const finding = scanCommand(command, { placeOf: (path, base) => placeOf(path, resolvePath(from, base), call) });
  if (finding === null) return inside(call, 'the command names nothing outside of the worktree');
  return finding.isOutside ? outside(call, finding.reason) : { decision: 'ask', reason: finding.reason };
}

function inside({ policy }: ToolCall, reason: string): Decision {
  if (policy.insideWorktree === 'allow') return { decision: 'allow', reason };
  return { decision: 'ask', reason: 'the policy asks about every change' };
}

function outside({ policy }: ToolCall, reason: string): Decision {
  if (policy.outsideWorktree === 'deny')
    return { decision: 'deny', reason: `${reason}, which the policy denies; work inside of it` };
  return { decision: 'ask', reason };
}

/** Decides about one call of a tool. Tools that it does not know are asked about. */
export function decideTool(call: ToolCall): Decision {
  if (call.isReadOnly)
    return { decision: 'deny', reason: 'a research task changes nothing; store what you find with record_findings' };
  switch (call.tool) {
    case 'Edit':
    case 'MultiEdit':
    case 'NotebookEdit':
    case 'Write':
      return decideFile(call);
    case 'Bash':
      return decideCommand(call);
    default:
      return { decision: 'ask', reason: `the policy has no rule for ${call.tool}` };
  }
}
