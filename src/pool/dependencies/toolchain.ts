// Owns the questions to the tools of a worktree: which version answers there.
import { execFile } from 'node:child_process';
import { childBase } from '../../agent/environment.ts';
import { contentHash, hashKey } from './key.ts';

/** Files by which version managers choose a tool for a folder. */
const CHOOSERS = [
  '.nvmrc',
  '.node-version',
  '.python-version',
  '.tool-versions',
  'mise.toml',
  '.mise.toml',
  'package.json',
  '.yarnrc.yml',
];

/** ms: an answer is asked for anew after it, because a tool may have been updated. A question costs 50 to 200 ms. */
const FRESH = 10 * 60_000;
/** ms; a version manager may download. */
const LIMIT = 60_000;

export class Toolchain {
  readonly #answers = new Map<string, { at: number; answer: Promise<string | null> }>();

  /** What the command prints in a folder of the worktree; null when it is missing or fails. */
  ask(argv: readonly [string, ...string[]], root: string, folder: string): Promise<string | null> {
    const chosen = CHOOSERS.flatMap((name) => [name, `${folder}/${name}`]).map((path) => [
      path,
      contentHash(root, path),
    ]);
    const key = hashKey({ ...Object.fromEntries(chosen), argv: argv.join('\0'), path: process.env['PATH'] ?? '' });
    const known = this.#answers.get(key);
    if (known !== undefined && Date.now() - known.at < FRESH) return known.answer;
    const answer = run(argv, `${root}/${folder}`);
    this.#answers.set(key, { at: Date.now(), answer });
    return answer;
  }
}

function run([program, ...args]: readonly [string, ...string[]], cwd: string): Promise<string | null> {
  return new Promise((resolve) => {
    const env = { ...childBase(process.env), PWD: cwd, CI: '1', COREPACK_ENABLE_DOWNLOAD_PROMPT: '0' };
    const child = execFile(program, args, { cwd, env, timeout: LIMIT }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : null),
    );
    child.stdin?.end();
  });
}
