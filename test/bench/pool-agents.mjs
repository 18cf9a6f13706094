// Owns agents that do nothing but run git, each in its own worktree, until standard input ends: then it prints what they ran and what failed, as JSON.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an agent's git does all day, and what reads the entries of all worktrees. `turn` counts the rounds of an agent. */
const ROUND = [
  () => ['status', '--porcelain'],
  () => ['fetch', '--quiet', 'origin'],
  (agent, turn) => ['commit', '--quiet', '--all', '--message', `work ${turn} of ${agent}`],
  (agent) => ['branch', '--force', `mark-${agent}`, 'HEAD'],
  () => ['worktree', 'list', '--porcelain'],
  (agent, turn) => ['switch', '--quiet', '--force-create', `side-${agent}-${turn % 3}`],
  () => ['log', '--oneline', '-5', '--all'],
  () => ['rev-parse', 'HEAD'],
];

/** Runs one git; null when it succeeded, its command and its words when it failed. */
function runGit(args, cwd) {
  return new Promise((resolve) => {
    let text = '';
    const child = spawn('git', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    child.once('close', (code) => resolve(code === 0 ? null : `git ${args.join(' ')}: ${text.trim() || code}`));
  });
}

let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();

let ran = 0;
const failures = [];

async function work(folder, agent) {
  for (let turn = 0; !isOver; turn += 1) {
    appendFileSync(join(folder, 'work.txt'), `${agent} ${turn}\n`);
    for (const command of ROUND) {
      const failure = await runGit(command(agent, turn), folder);
      ran += 1;
      if (failure !== null) failures.push(failure);
      if (isOver) break;
    }
  }
}

process.stdout.write('ready\n');
await Promise.all(process.argv.slice(2).map((folder, agent) => work(folder, agent)));
process.stdout.write(`${JSON.stringify({ ran, failures })}\n`);
