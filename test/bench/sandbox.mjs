// Owns what a benchmark of the whole program stands on: a repository and a home of its own, and the built program.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program; DROVER_MAIN names another build. */
export const MAIN = process.env.DROVER_MAIN ?? fileURLToPath(new URL('../../dist/main.cjs', import.meta.url));

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** A repository with one commit, set up for Drover; `stop` ends its server and removes it. */
export function createSandbox() {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const root = join(folder, 'repository');
  mkdirSync(root);
  mkdirSync(join(folder, 'home'));
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: join(folder, 'home'),
    DROVER_SOCKET_DIR: join(folder, 's'),
    DROVER_OPERATOR: 'Bench <bench@example.invalid>',
    GIT_CONFIG_NOSYSTEM: '1',
    LANG: 'C.UTF-8',
  };
  const git = (...words) => execFileSync('git', words, { cwd: root, env, encoding: 'utf8' }).trim();
  const drover = (...words) => execFileSync(process.execPath, [MAIN, ...words], { cwd: root, env, encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('-c', 'user.email=b@x', '-c', 'user.name=B', 'commit', '-q', '--allow-empty', '-m', 'Begin');
  drover('init');
  const stop = () => {
    drover('server', 'stop');
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, root, env, git, drover, stop };
}
