// Fetches the Claude Code CLI that the tests of this folder run, into .cache/claude; does nothing when it is there and answers.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version that the facts in src/agent were verified with; src/agent/preflight.ts names the same. */
const VERSION = '2.1.197';
const PACKAGE = `@anthropic-ai/claude-code@${VERSION}`;

const folder = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), '.cache', 'claude');
const program = join(folder, 'node_modules', '.bin', 'claude');

function answers() {
  // Its own folder as home: asking for the version must not touch the operator's configuration.
  const env = { PATH: process.env.PATH, HOME: folder, CLAUDE_CONFIG_DIR: join(folder, 'config') };
  const { status, stdout } = spawnSync(program, ['--version'], { env, encoding: 'utf8', timeout: 60_000 });
  return status === 0 && stdout.includes(VERSION);
}

function install() {
  mkdirSync(folder, { recursive: true });
  // Its own package.json, so that npm does not look for one further up. The package's own script puts the program in place.
  writeFileSync(join(folder, 'package.json'), '{"private":true,"allowScripts":{"@anthropic-ai/claude-code":true}}\n');
  const words = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', PACKAGE];
  console.error(`> npm install --prefix .cache/claude --no-save ${PACKAGE}`);
  return spawnSync('npm', words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

if (!answers()) {
  const isInstalled = install();
  if (!isInstalled || !answers()) {
    const what = isInstalled
      ? `${program} does not answer --version with ${VERSION}; remove .cache/claude and run the command again`
      : `npm could not install ${PACKAGE}; the tests with the real CLI need the npm registry once`;
    console.error(`fetch-claude: ${what}.`);
    process.exitCode = 1;
  }
}
