// Owns what is shown of a repository: commits of a branch, its size, kept attempts. simple-git serves these views and nothing else.
import type { SimpleGit } from 'simple-git';
import { gitEnvironment, HARDENED_CONFIG } from './environment.ts';
import { branchName, objectId } from './names.ts';

export interface CommitLine {
  readonly hash: string;
  readonly subject: string;
}

export interface Diffstat {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

export interface KeptRef {
  /** `refs/drover/keep/<task>/<attempt>` */
  readonly ref: string;
  readonly commit: string;
  readonly subject: string;
}

/** Views of one repository; one instance for a server, because simple-git limits its processes for each instance. */
export class RepositoryViews {
  readonly #root: string;
  #opened: Promise<SimpleGit> | null = null;

  constructor(root: string) {
    this.#root = root;
  }

  async #raw(...args: string[]): Promise<string> {
    this.#opened ??= this.#open();
    return (await this.#opened).raw(...args);
  }

  /** Loaded when somebody first looks: it takes 35 ms, which no start is to wait for. */
  async #open(): Promise<SimpleGit> {
    const { simpleGit } = await import('simple-git');
    const env = gitEnvironment();
    return simpleGit({
      baseDir: this.#root,
      config: [...HARDENED_CONFIG],
      // simple-git takes its own hardening for an attack unless each is allowed by name; the values are ours.
      unsafe: {
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeDiffExternal: true,
        allowUnsafeAskPass: true,
        allowUnsafeCredentialHelper: true,
        allowUnsafeGitProxy: true,
        allowUnsafeEditor: true,
        allowUnsafePager: true,
        allowUnsafeSshCommand: true,
        allowUnsafeGpgProgram: true,
      },
      allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
    }).env(env);
  }

  /** The commits of a ref (its full name) that none of the others (commits) has, newest first. */
  async commitsSince(others: readonly string[], ref: string): Promise<CommitLine[]> {
    const range = [`refs/${branchName(ref.replace(/^refs\//, ''))}`, '--not', ...others.map(objectId)];
    const text = await this.#raw('--no-optional-locks', 'log', '-z', '--format=%H %s', ...range, '--');
    return text
      .split('\0')
      .filter(Boolean)
      .map((line) => ({ hash: line.slice(0, line.indexOf(' ')), subject: line.slice(line.indexOf(' ') + 1) }));
  }

  /** How much a branch changed since it left `base` (a commit). */
  async diffstat(base: string, branch: string): Promise<Diffstat> {
    const range = `${objectId(base)}...refs/heads/${branchName(branch)}`;
    const args = ['diff', '--no-ext-diff', '--no-textconv', '--shortstat', range, '--'];
    const text = await this.#raw('--no-optional-locks', ...args);
    const count = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0);
    return {
      files: count(/(\d+) files? changed/),
      insertions: count(/(\d+) insertion/),
      deletions: count(/(\d+) deletion/),
    };
  }

  /** What was kept of a task's attempts, oldest first. */
  async kept(taskId: string): Promise<KeptRef[]> {
    const format = '--format=%(refname)%00%(objectname)%00%(contents:subject)';
    const text = await this.#raw('for-each-ref', '--sort=refname', format, `refs/drover/keep/${branchName(taskId)}/`);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [ref = '', commit = '', subject = ''] = line.split('\0');
        return { ref, commit, subject };
      });
  }
}
