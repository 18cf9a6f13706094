// Owns the landing of a finished branch: merge without a checkout, test what came of it, then move the base branch.

import { refuse } from '../domain/refusal.ts';
import {
  type AdvanceResult,
  advanceBase,
  dropLanded,
  type LandingTip,
  landingTip,
  prepareAdvance,
} from './base-branch.ts';
import type { CommitWords } from './commit-object.ts';
import { type MergeResult, mergeCandidate } from './merge.ts';
import type { Identity } from './names.ts';
import { isAncestor, readBranch } from './refs.ts';
import type { Repository } from './repository.ts';
import { Lane } from './serial.ts';
import { runTest, type TestProvisioner, type TestRequest } from './test-run.ts';

export interface LandingRequest extends CommitWords {
  /** The task's branch. */
  readonly branch: string;
  readonly committer: Identity;
  /** The commit of an upstream that the branch began at; absent or null when it began at a commit of the base branch. */
  readonly upstream?: string | null;
  /** Run on the merged result; null runs nothing. `timeout` in ms. */
  readonly test: (Pick<TestRequest, 'command' | 'timeout'> & { readonly provisioner?: TestProvisioner }) | null;
  /** Calls the landing off, while it waits or tests. */
  readonly signal?: AbortSignal;
  readonly onPhase?: (phase: 'merging' | 'testing') => void;
}

export type LandingResult =
  /** `onto` is the branch that moved; `checkout` says what became of the user's checkout, empty when none was concerned. */
  | { readonly kind: 'landed'; readonly commit: string; readonly onto: string; readonly checkout: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'conflict'; readonly files: readonly string[]; readonly detail: string }
  | { readonly kind: 'test-failed'; readonly reason: string; readonly output: string }
  | { readonly kind: 'called-off' };

/** How often a landing is begun anew because the base branch moved meanwhile, before a person has to look. */
const MOST_TURNS = 8;

/** Lands branches on one base branch, one at a time, in the order they come. */
export class LandingLane {
  readonly #repository: Repository;
  readonly #branch: string;
  readonly #lane = new Lane();

  constructor(repository: Repository, branch: string) {
    this.#repository = repository;
    this.#branch = branch;
  }

  /**
   * Lands a branch. What is tested is what lands: when the base branch moves meanwhile, it is merged and tested anew.
   * Whatever the result, the branch and its worktree stay as they are. Throws a RefusalError (`landing-refused`,
   * `unknown-branch`) when a person has to act first.
   */
  land(request: LandingRequest): Promise<LandingResult> {
    return this.#lane.run(() => this.#land(request));
  }

  /**
   * Fast-forwards the base branch to the landed work that waits on drover/landed, if the checkout allows it by now.
   * Gives what became of the checkout in words; null when nothing waits or when it still has to.
   */
  settle(committer: Identity): Promise<string | null> {
    return this.#lane.run(async () => {
      const tip = await landingTip(this.#repository, this.#branch, committer);
      if (tip.landed === null) return null;
      if (tip.commit === tip.base) {
        await dropLanded(this.#repository, tip);
        return null;
      }
      const result = await advanceBase(this.#repository, { branch: this.#branch, tip, to: tip.commit });
      return result.kind === 'advanced' && result.onto === this.#branch ? result.checkout : null;
    });
  }

  async #land(request: LandingRequest): Promise<LandingResult> {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      if (request.signal?.aborted) return { kind: 'called-off' };
      const result = await this.#try(request);
      if (result.kind !== 'moved') return result;
    }
    const message = `${this.#branch} was moved ${MOST_TURNS} times while ${request.branch} was landing`;
    return refuse('landing-refused', message, `git log -g ${this.#branch}`);
  }

  async #try(request: LandingRequest): Promise<LandingResult | { kind: 'moved' }> {
    const repository = this.#repository;
    request.onPhase?.('merging');
    const theirs = await readBranch(repository, request.branch);
    if (theirs === null)
      return refuse('unknown-branch', `the branch ${request.branch} is gone`, 'git branch --list "drover/*"');
    const tip = await landingTip(repository, this.#branch, request.committer);
    const merging = mergeCandidate(repository, { ...request, ours: await this.#takeIn(tip.commit, request), theirs });
    if (request.test === null) return this.#advanceWhileMerging(tip, merging);
    const merge = await merging;
    if (merge.kind !== 'merged') return merge;
    const { commit } = merge;
    request.onPhase?.('testing');
    const signal = request.signal === undefined ? {} : { signal: request.signal };
    const test = await runTest(repository, { provisioner: null, ...request.test, commit, ...signal });
    if (request.signal?.aborted) return { kind: 'called-off' };
    if (!test.ok) return { kind: 'test-failed', reason: test.reason, output: test.output };
    const result = await advanceBase(repository, { branch: this.#branch, tip, to: commit });
    return landedBy(result, commit);
  }

  /**
   * What the branch is merged into: the tip, with the upstream's commits that the branch began at. They come in as
   * themselves, so that the landing holds what the task has done and nothing else. When they conflict with the tip, so does
   * the branch, and its agent is told.
   */
  async #takeIn(tip: string, { upstream = null, committer }: LandingRequest): Promise<string> {
    const repository = this.#repository;
    if (upstream === null || (await isAncestor(repository, upstream, tip))) return tip;
    if (await isAncestor(repository, tip, upstream)) return upstream;
    const message = `Merge the upstream of '${this.#branch}'`;
    const merge = await mergeCandidate(repository, { ours: tip, theirs: upstream, message, author: committer });
    return merge.kind === 'merged' ? merge.commit : tip;
  }

  /** Without a test the base branch moves right after the merge, so what that takes is started beside it. */
  async #advanceWhileMerging(
    tip: LandingTip,
    merging: Promise<MergeResult>,
  ): Promise<LandingResult | { kind: 'moved' }> {
    const [advance, merge] = await Promise.all([
      prepareAdvance(this.#repository, { branch: this.#branch, tip }),
      merging.catch((error: unknown) => ({ kind: 'failed', error }) as const),
    ]);
    if (merge.kind === 'merged') return landedBy(await advance.to(merge.commit), merge.commit);
    await advance.drop();
    if (merge.kind === 'failed') throw merge.error;
    return merge;
  }
}

function landedBy(result: AdvanceResult, commit: string): LandingResult | { kind: 'moved' } {
  return result.kind === 'moved' ? result : { kind: 'landed', commit, onto: result.onto, checkout: result.checkout };
}
