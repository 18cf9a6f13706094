// Owns the keeping of V8's code: the built program is run as a person would start it, and each process leaves the code of what it ran
// beside the files that it loaded.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { spawn } from 'node-pty';

const RECORDER = fileURLToPath(new URL('./record-code.mjs', import.meta.url));
/** ms that a start may take on the slowest machine. */
const PATIENCE = 60_000;
/** What the agent says, which runs until it is ended. */
const SAID = 'V8 may keep this';
/** Files that two processes share get the code of the one that needs more of them; started from that, the other one adds its own. */
const STARTS = 2;

/** Keeps the code for the program in `folder`, of which `files` are the bundle's. Throws when it does not start, or when V8 would not take what was kept. */
export async function keepCode(folder, files) {
  for (const file of files) rmSync(join(folder, `${file}.code`), { force: true });
  const home = mkdtempSync(join(tmpdir(), 'drover-build-'));
  try {
    await runProgram(join(folder, 'main.cjs'), home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  for (const file of files.filter((each) => existsSync(join(folder, `${each}.code`)))) {
    const source = wrap(readFileSync(join(folder, file), 'latin1'));
    const { cachedDataRejected } = new Script(source, { cachedData: readFileSync(join(folder, `${file}.code`)) });
    if (cachedDataRejected) throw new Error(`V8 does not take ${file}.code`);
  }
}

/** As .ci/main.cjs does. */
const wrap = (source) => `(function (exports, require, module, __filename) {${source}\n})`;

async function runProgram(main, home) {
  const root = join(home, 'repository');
  const config = join(home, '.config', 'drover');
  for (const folder of [root, config]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(config, 'config.yaml'), `agent: command\ncommand:\n  argv: [sh, -c, "echo ${SAID}; cat"]\n`);
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: home,
    DROVER_SOCKET_DIR: join(home, 's'),
    DROVER_OPERATOR: 'Build <build@localhost>',
    GIT_CONFIG_NOSYSTEM: '1',
    LANG: 'C.UTF-8',
    NODE_OPTIONS: `--import=${RECORDER}`,
  };
  const run = (program, ...words) => execFileSync(program, words, { cwd: root, env, stdio: 'pipe', timeout: PATIENCE });
  const drover = (...words) => run(process.execPath, main, ...words);
  run('git', 'init', '-q', '-b', 'main');
  run(
    'git',
    '-c',
    'user.name=Build',
    '-c',
    'user.email=build@localhost',
    'commit',
    '-q',
    '--allow-empty',
    '-m',
    'Begin',
  );
  drover('init');
  drover('add', 'Keep the code');
  drover('server', 'stop');
  for (let start = 0; start < STARTS; start += 1) {
    const terminal = spawn(process.execPath, [main, 'run', '--workers', '1'], { cols: 200, rows: 60, cwd: root, env });
    const ended = new Promise((resolve) => terminal.onExit(resolve));
    try {
      await hear(terminal);
    } finally {
      terminal.kill('SIGTERM');
      await ended;
      drover('server', 'stop');
    }
  }
}

/** Resolves when the agent's words are on the screen. */
function hear(terminal) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no first pane within ${PATIENCE / 1000} s`)), PATIENCE);
    terminal.onExit(({ exitCode }) => reject(new Error(`the workspace ended with ${exitCode}`)));
    let text = '';
    terminal.onData((data) => {
      text = (text + data).slice(-4096);
      // The answer to DA1, with which a terminal ends its answers.
      if (data.includes('\x1b[c')) terminal.write('\x1b[?62;22c');
      if (!text.includes(SAID)) return;
      clearTimeout(late);
      resolve();
    });
  });
}
