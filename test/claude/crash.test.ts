// The server is killed or stopped while the real Claude Code works: nothing of it runs on, and the conversation goes on under the next server.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { processesOf } from '../e2e/stage.ts';
import { appearance } from './appearance.ts';
import { historyOf, type ModelRequest, type Step } from './messages-stub.ts';
import { bash, type ClaudeStage, completes, setClaudeStage, worktreeOf } from './scene.ts';

let stage: ClaudeStage;
afterEach(async () => stage.strike());

/** Writes a file, hangs in a command; after the resume it writes another one and completes. */
function model(request: ModelRequest): Step {
  const history = historyOf(request);
  const write = (name: string, content: string): Step => ({
    tool: 'Write',
    input: { file_path: join(worktreeOf(request), name), content },
  });
  if (history.includes('complete_task {')) return { say: 'Done.' };
  if (history.includes('second.txt')) return completes('Wrote both files.');
  if (request.news.includes('You were interrupted')) return write('second.txt', 'two\n');
  if (history.includes('first.txt')) return bash('touch begun.txt; while :; do sleep 1; done');
  return write('first.txt', 'one\n');
}

const ENDS: Readonly<Record<string, () => Promise<unknown>>> = {
  // Any verb starts the next server, which goes on by itself.
  'kill -9': async () => process.kill(await stage.serverPid(), 'SIGKILL'),
  // Who stopped it says when it goes on.
  'server stop': async () => {
    await stage.json(['server', 'stop']);
    await stage.json(['run', '--workers', '1']);
  },
};

test.each(Object.keys(ENDS))(
  '%s: the leftovers are ended, the same conversation is resumed with its history, and the task lands',
  async (end) => {
    stage = await setClaudeStage(model);
    await stage.json(['add', 'Write both', '--description', 'Write two files.']);
    await stage.json(['run', '--workers', '1']);
    const first = await stage.watch();
    await stage.stub.request(({ news }) => news.includes('first.txt'), 'the first file is written');
    const [before] = first.state.runs.values();
    const worktree = first.state.worktrees.get(before?.worktreeId ?? '')?.path ?? '';
    await appearance(join(worktree, 'begun.txt'));
    const tag = `DROVER_RUN=${before?.id}`;
    const running = processesOf(tag);
    expect(running).toContain(before?.pid);
    // The agent itself, its MCP server, the shell of its tool.
    expect(running.length).toBeGreaterThanOrEqual(3);
    const asked = stage.stub.requests.length;
    await ENDS[end]?.();

    // Any verb starts the next server.
    const second = await stage.watch();
    await second.until(
      (state) => [...state.runs.values()].some(({ resumes, pid }) => resumes === 1 && pid !== null),
      'it is resumed',
    );
    expect(processesOf(tag)).toEqual([]);
    const resumed = await stage.stub.request(
      ({ news }) => news.includes('You were interrupted'),
      'the resumed conversation',
    );
    expect(stage.stub.requests.indexOf(resumed)).toBe(asked);
    const history = historyOf(resumed);
    expect(history).toContain('Work on this task of the queue');
    expect(history).toContain('first.txt');
    expect(resumed.tools).toContain('mcp__drover__complete_task');

    await second.until(() => second.task('Write both').status === 'completed', 'it lands');
    expect(second.task('Write both')).toMatchObject({ attempts: 1, verdict: 'pass' });
    const runs = [...second.state.runs.values()];
    expect(runs.map(({ conversationId, worktreeId, resumes }) => ({ conversationId, worktreeId, resumes }))).toEqual([
      { conversationId: before?.conversationId, worktreeId: before?.worktreeId, resumes: 0 },
      { conversationId: before?.conversationId, worktreeId: before?.worktreeId, resumes: 1 },
    ]);
    expect(stage.git('show', 'main:first.txt')).toBe('one\n');
    expect(stage.git('show', 'main:second.txt')).toBe('two\n');
    expect(stage.git('log', '-1', '--format=%an', 'main')).toBe('Ann\n');
  },
);
