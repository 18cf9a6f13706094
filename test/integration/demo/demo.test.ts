// Owns the proofs of the demonstration: a repository of its own, a queue without gaps, and code that passes its tests in any order of landing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoRepository, DemoTask } from '../../../src/cli/shell.ts';
import { createDemoRepository } from '../../../src/demo/create.ts';
import { findScript, readScript, type Step } from '../../../src/rehearsal/script.ts';
import { changeText } from '../../../src/rehearsal/tools.ts';

let folder = '';
let demo: DemoRepository;
const env = () => ({ PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' });
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', demo.root, ...args], { env: env(), encoding: 'utf8' });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-demo-test-'));
  demo = await createDemoRepository(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scriptOf(task: DemoTask) {
  const reading = readScript(findScript(task.description) ?? '');
  if ('problem' in reading) throw new Error(`${task.key}: ${reading.problem}`);
  return reading.script;
}

/** The tree of files that the steps leave, on top of another. */
function edit(tree: ReadonlyMap<string, string>, steps: readonly Step[]): Map<string, string> {
  const after = new Map(tree);
  for (const step of steps) {
    if (step.kind === 'edit') after.set(step.file, changeText(after.get(step.file) ?? null, step.change));
  }
  return after;
}

describe('the repository', () => {
  it('stands committed on main, with its own identity and configuration', () => {
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '--format=%an <%ae> %D').trim()).toBe('Drover demo <demo@localhost> HEAD -> main');
    expect(git('show', 'HEAD:.drover/config.yaml')).toContain('agent: rehearsal');
  });
});

describe('the queue', () => {
  it('has a dozen tasks of different names in three epics', () => {
    expect(new Set(demo.tasks.map(({ key }) => key)).size).toBe(demo.tasks.length);
    expect(new Set(demo.tasks.map(({ epic }) => epic)).size).toBe(3);
    expect(demo.tasks.length).toBeGreaterThanOrEqual(12);
  });

  it('is created in an order in which each blocker is known', () => {
    const known = new Set<string>();
    for (const { key, blockedBy } of demo.tasks) {
      expect(
        blockedBy.filter((blocker) => !known.has(blocker)),
        key,
      ).toEqual([]);
      known.add(key);
    }
  });

  it('waits for nobody: each question has its patience, and each task is completed', () => {
    const scripts = demo.tasks.map(scriptOf);
    const questions = scripts.flatMap(({ steps }) => steps.filter((step) => step.kind === 'ask'));
    expect(questions).toHaveLength(1);
    for (const question of questions) expect(question).toMatchObject({ patience: 20_000 });
    const last = scripts.map(({ steps }) => steps.at(-1));
    const divided = last.filter((step) => step?.kind === 'call' && step.tool === 'signal_decomposition');
    expect(divided).toHaveLength(1);
    expect(last.filter((step) => step?.kind === 'complete')).toHaveLength(scripts.length - 1);
  });

  it('shows a hint, and sub-tasks whose scripts can be played', () => {
    expect(demo.tasks.filter(({ hint }) => hint !== undefined)).toHaveLength(1);
    const calls = demo.tasks.flatMap((task) => scriptOf(task).steps.filter((step) => step.kind === 'call'));
    expect(calls.map(({ tool }) => tool).sort()).toEqual(['create_subtask', 'signal_decomposition']);
    const wishes = calls.flatMap(({ input }) => (input['suggestedSubtasks'] ?? [input]) as { description: string }[]);
    for (const { description } of wishes) {
      const reading = readScript(findScript(description) ?? '');
      if ('problem' in reading) throw new Error(reading.problem);
      expect(reading.script.steps.at(-1)?.kind).toBe('complete');
    }
  });

  it.each(['first', 'last'] as const)(
    'leaves code that passes its tests, the one conflict settled by its %s task',
    (which) => {
      const sample = new Map(
        git('ls-files')
          .trim()
          .split('\n')
          .map((file) => [file, git('show', `HEAD:${file}`)]),
      );
      const pair = demo.tasks.filter((task) => scriptOf(task).returned !== null);
      expect(pair).toHaveLength(2);
      const [one, other] = which === 'first' ? pair : [...pair].reverse();
      if (!one || !other) throw new Error('there is no pair');
      let tree = edit(sample, scriptOf(one).steps);
      // The second has its own files, and writes the file of the conflict anew.
      const own = scriptOf(other).steps.filter((step) => step.kind === 'edit' && step.file.startsWith('test/'));
      tree = edit(edit(tree, own), scriptOf(other).returned ?? []);
      for (const task of demo.tasks) if (!pair.includes(task)) tree = edit(tree, scriptOf(task).steps);
      const copy = join(folder, which);
      for (const [file, text] of tree) {
        mkdirSync(dirname(join(copy, file)), { recursive: true });
        writeFileSync(join(copy, file), text);
      }
      expect(() => execFileSync(process.execPath, ['--test'], { cwd: copy, env: env(), stdio: 'pipe' })).not.toThrow();
    },
  );
});
