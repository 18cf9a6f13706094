// Owns what agents use up: tokens and dollars of a task, of all that stands under it, of an epic; and when a tree of tasks has come to its cap.
import type { State } from './state.ts';
import { descendantsOf, type SubtaskLimits } from './subtask.ts';
import type { EpicId, TaskId } from './task.ts';

/** Tokens by their kinds, as Anthropic's API counts them, and dollars as Claude Code reckons them. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheCreation: number;
  /** Dollars; 0 also where nobody told them. */
  readonly cost: number;
}

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheCreation: 0, cost: 0 };

/** Each kind of both by the function. */
export function zipUsage(a: Usage, b: Usage, zip: (a: number, b: number) => number): Usage {
  return {
    input: zip(a.input, b.input),
    output: zip(a.output, b.output),
    cacheRead: zip(a.cacheRead, b.cacheRead),
    cacheCreation: zip(a.cacheCreation, b.cacheCreation),
    cost: zip(a.cost, b.cost),
  };
}

export function addUsage(a: Usage, b: Usage): Usage {
  return zipUsage(a, b, (x, y) => x + y);
}

/** What `all` has more than `known`; never below 0, since two sources do not count alike. */
export function usageSince(all: Usage, known: Usage): Usage {
  return zipUsage(all, known, (x, y) => Math.max(0, x - y));
}

/** All tokens, those that came from the cache too. */
function tokensOf({ input, output, cacheRead, cacheCreation }: Usage): number {
  return input + output + cacheRead + cacheCreation;
}

export function isNothing(usage: Usage): boolean {
  return tokensOf(usage) === 0 && usage.cost === 0;
}

/** A task with all that stands under it. */
export function usageOfTree(state: State, id: TaskId): Usage {
  const tasks = [state.tasks.get(id), ...descendantsOf(state, id)];
  return tasks.reduce((sum, task) => addUsage(sum, task?.used ?? NO_USAGE), NO_USAGE);
}

/** All tasks of an epic; sub-tasks are of their parent's. */
export function usageOfEpic(state: State, id: EpicId): Usage {
  let sum = NO_USAGE;
  for (const { epicId, used } of state.tasks.values()) if (epicId === id && used) sum = addUsage(sum, used);
  return sum;
}

/** `12.3k tokens, $0.42`; no dollars where nobody told them. */
export function usageWords(usage: Usage): string {
  const tokens = `${shortCount(tokensOf(usage))} tokens`;
  return usage.cost === 0 ? tokens : `${tokens}, ${dollars(usage.cost)}`;
}

function shortCount(count: number): string {
  if (count < 1000) return String(Math.round(count));
  return count < 999_950 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

function dollars(cost: number): string {
  return cost < 0.01 ? 'less than $0.01' : `$${cost.toFixed(2)}`;
}

/** Why a tree is to be paused that has used `after`, and had used `before`; null when it is not. A cap that was come to gives as much again, so that who resumes it lets it go on for so long. */
export function capReached(before: Usage, after: Usage, { maxTokens, maxCost }: SubtaskLimits): string | null {
  const isPassed = (cap: number | null, was: number, is: number): boolean =>
    cap !== null && Math.floor(is / cap) > Math.floor(was / cap);
  const has = `have used ${usageWords(after)}`;
  if (isPassed(maxCost, before.cost, after.cost))
    return `${has}, and each $${maxCost} (subtasks.maxCost) they are paused`;
  if (isPassed(maxTokens, tokensOf(before), tokensOf(after)))
    return `${has}, and each ${shortCount(maxTokens ?? 0)} tokens (subtasks.maxTokens) they are paused`;
  return null;
}
