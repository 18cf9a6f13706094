// Owns the upstream of a branch: which one it is, and its newest commit, asked of the remote once for all who want to know.
import { RefusalError } from '../domain/refusal.ts';
import { fetchEnvironment } from './environment.ts';
import { isBranchName, objectId } from './names.ts';
import { readRef } from './refs.ts';
import type { Repository } from './repository.ts';
import { GitError, git } from './runner.ts';

export interface Upstream {
  readonly remote: string;
  /** Its name there. */
  readonly branch: string;
}

/** `origin/main` */
export function upstreamName({ remote, branch }: Upstream): string {
  return `${remote}/${branch}`;
}

/**
 * Fetches the upstreams of one repository. What is fetched lies under refs/drover/upstream/, never under refs/remotes/:
 * an agent's own fetch at the same time would meet a lock there, and the operator's view of the remote stays theirs.
 */
export class UpstreamFetch {
  readonly #repository: Repository;
  /** ms for all of one look, the fetch included. */
  readonly #timeout: number;
  /** By name: who comes while one is under way gets its answer. Of 16 fetches at once 5 failed for each other's locks. */
  readonly #flights = new Map<string, Promise<string | null>>();
  readonly #closing = new AbortController();

  constructor(repository: Repository, options: { timeout: number }) {
    this.#repository = repository;
    this.#timeout = options.timeout;
  }

  /** The upstream that was configured for a branch when the session began; null for none, and for one that is a local branch. */
  of(branch: string): Upstream | null {
    const { guard } = this.#repository;
    const remote = guard.network(`branch.${branch}.remote`);
    const merge = guard.network(`branch.${branch}.merge`)?.replace(/^refs\/heads\//, '');
    if (remote === null || remote === '.' || merge === undefined) return null;
    // A URL in the place of a name gives no name for the ref.
    return isBranchName(remote) && isBranchName(merge) ? { remote, branch: merge } : null;
  }

  /**
   * The commit of the upstream as the remote has it now, fetched; null when the remote has no such branch. Rejects when the
   * remote cannot be asked: `whyNot` says it in words.
   */
  tip(upstream: Upstream): Promise<string | null> {
    const name = upstreamName(upstream);
    const known = this.#flights.get(name);
    if (known !== undefined) return known;
    const flight = this.#look(upstream).finally(() => this.#flights.delete(name));
    this.#flights.set(name, flight);
    return flight;
  }

  /** Ends what is under way. */
  close(): void {
    this.#closing.abort();
  }

  /** One ref of the remote is listed first, because mostly it has not moved: that takes a quarter to a half of a fetch that brings nothing. */
  async #look({ remote, branch }: Upstream): Promise<string | null> {
    const until = Date.now() + this.#timeout;
    const { guard, root } = this.#repository;
    await guard.check(root);
    await guard.checkNetwork(root, (key) => isConcerned(key, remote));
    const head = `refs/heads/${branch}`;
    const listed = (await this.#ask(['ls-remote', '--quiet', '--', remote, head], until)).split('\n');
    // A pattern fits the end of a name, so other refs may be listed too.
    const id = listed.find((line) => line.endsWith(`\t${head}`))?.split('\t', 1)[0];
    if (id === undefined) return null;
    const ref = `refs/drover/upstream/${remote}/${branch}`;
    if ((await readRef(this.#repository, ref)) === objectId(id)) return id;
    const args = ['fetch', '--quiet', '--no-tags', '--no-auto-maintenance', '--no-write-fetch-head', '--no-prune'];
    // The refmap is emptied: git would move refs/remotes/ beside the ref that is asked for.
    args.push('--no-recurse-submodules', '--refmap=', '--', remote, `+${head}:${ref}`);
    await this.#ask(args, until);
    return readRef(this.#repository, ref);
  }

  async #ask(args: readonly string[], until: number): Promise<string> {
    const { root, guard } = this.#repository;
    const { stdout } = await git(args, {
      cwd: root,
      env: fetchEnvironment(guard.network('core.sshcommand')),
      isNetwork: true,
      timeout: Math.max(1, until - Date.now()),
      signal: this.#closing.signal,
    });
    return stdout;
  }
}

/** Remotes that are not this one may come and go. */
function isConcerned(key: string, remote: string): boolean {
  if (key.startsWith('remote.')) return key.startsWith(`remote.${remote}.`);
  return !key.startsWith('branch.');
}

/** Why a remote could not be asked, in one sentence without a full stop. It may hold words of the remote. */
export function whyNot(error: unknown): string {
  if (error instanceof RefusalError) return error.message;
  if (!(error instanceof GitError)) return error instanceof Error ? error.message : String(error);
  const limit = /^ended after (\d+) ms$/.exec(error.stderr)?.[1];
  if (limit !== undefined) return `no answer within ${Math.round(Number(limit) / 1000)} s`;
  const lines = error.stderr.split('\n').map((line) => line.replace(/^(?:fatal|error|remote|ssh): /, '').trim());
  const first = lines.find((line) => line !== '' && !/^warning:/i.test(line)) ?? `git ended with ${error.exitCode}`;
  // A URL may carry a password.
  return first.replace(/\/\/[^/@\s]*@/g, '//').slice(0, 300);
}
