// Tells which calls wait at a worktree's gate, how long, and what they are told.
import { beforeEach, describe, expect, it } from 'vitest';
import { WorktreeGate } from '../../../src/agent/worktree-gate.ts';

let gate: WorktreeGate;
let retries: number;
let held: string[];
let next: number;
const never = new AbortController().signal;

const retry = (): void => {
  retries += 1;
};

beforeEach(() => {
  retries = 0;
  held = [];
  next = 0;
  gate = new WorktreeGate({ worktree: '/wt', patience: 60_000, retry });
  gate.step({ type: 'begun' });
});

function call(tool: string, input: Record<string, unknown> = {}, more: { gone?: AbortSignal; agentId?: string } = {}) {
  next += 1;
  const id = `call-${next}`;
  const { gone = never, agentId = null } = more;
  const answer = gate.enter({ id, agentId, tool, input }, { gone, onHeld: () => held.push(tool) });
  return { id, answer };
}
const isOpen = async (tool: string): Promise<boolean> => {
  const before = held.length;
  const { answer } = call(tool);
  const isHeld = held.length > before;
  if (!isHeld) await answer;
  return !isHeld;
};

describe('what waits', () => {
  it('writes wait for the end of the sync, reads pass', async () => {
    const write = call('Write', { file_path: '/wt/a' });
    expect(await call('Read', { file_path: '/wt/a' }).answer).toBeNull();
    expect(await call('WebSearch').answer).toBeNull();
    expect(held).toEqual(['Write']);
    gate.complete([]);
    expect(await write.answer).toBeNull();
    expect(await call('Write').answer).toBeNull();
  });

  it('reads wait while the files move, and the move waits for the reads before it', async () => {
    const read = call('Read', { file_path: '/wt/a' });
    const background = call('Grep', {}, { agentId: 'sub' });
    await Promise.all([read.answer, background.answer]);
    let isStill = false;
    const hold = gate.hold(60_000).then((result) => {
      isStill = true;
      return result;
    });
    expect(await isOpen('Read')).toBe(false);
    expect(await isOpen('AskUserQuestion')).toBe(true);
    gate.leave(read.id, 'text');
    gate.rest(null);
    await Promise.resolve();
    expect(isStill).toBe(false);
    gate.rest('sub');
    expect(await hold).toBe(true);
    gate.complete([]);
    expect(await isOpen('Read')).toBe(true);
  });

  it('the move is not made to wait for ever, nor is a call', async () => {
    await call('Read').answer;
    expect(await gate.hold(1)).toBe(false);
    gate = new WorktreeGate({ worktree: '/wt', patience: 1, retry: () => undefined });
    expect(await call('Bash', { command: 'make' }).answer).toContain('it is still under way');
    const left = new AbortController();
    gate = new WorktreeGate({ worktree: '/wt', patience: 60_000, retry: () => undefined });
    const { answer } = call('Write', {}, { gone: left.signal });
    left.abort();
    expect(await answer).toContain('it is still under way');
  });
});

describe('after a failure', () => {
  const fail = (isMixed: boolean): void => gate.step({ type: 'failed', reason: 'no route\nto host', isMixed });

  it('whoever waited and whoever comes is refused, with the reason and what can be done; reads pass', async () => {
    const waiting = call('Edit');
    fail(false);
    expect(await waiting.answer).toContain('(no route to host)');
    expect(retries).toBe(0);
    const refusal = await call('Bash', { command: 'make' }).answer;
    expect(refusal).toContain('could not be brought up to date');
    expect(refusal).toContain('call complete_task with verdict "blocked"');
    expect(retries).toBe(1);
    expect(await call('Read').answer).toBeNull();
    expect(await call('mcp__drover__complete_task').answer).toBeNull();
    expect(retries).toBe(1);
  });

  it('a write begins another try and waits for it', async () => {
    gate = new WorktreeGate({ worktree: '/wt', patience: 60_000, retry: () => gate.step({ type: 'begun' }) });
    fail(false);
    const first = call('Write');
    expect(held).toEqual(['Write']);
    fail(false);
    expect(await first.answer).toContain('no route');
    const second = call('Write');
    gate.complete([]);
    expect(await second.answer).toBeNull();
  });

  it('nothing of files that are half moved is read', async () => {
    fail(true);
    expect(await call('Read').answer).toContain('no route');
    expect(await call('TodoWrite').answer).toBeNull();
  });
});

describe('files that it has seen and that are others now', () => {
  async function reads(tool: string, input: Record<string, unknown>, answer: unknown): Promise<void> {
    const read = call(tool, input);
    await read.answer;
    gate.leave(read.id, answer);
  }

  it('are told once, as the answer of what was held', async () => {
    await reads('Read', { file_path: '/wt/src/a.ts' }, { content: 'text' });
    await reads('Grep', { pattern: 'x' }, { filenames: ['b.ts', '/wt/c d.ts'] });
    await reads('Bash', { command: 'grep -n x ./e.ts src/*' }, { stdout: 'src/f.ts:12:let x\nsrc/g.ts-1-y' });
    const [one, two] = [call('Edit'), call('Write')];
    const moved = ['src/a.ts', 'b.ts', 'c d.ts', 'e.ts', 'src/f.ts', 'a.ts', 'CLAUDE.md', 'z/CLAUDE.md'];
    gate.complete(moved);
    const told = ['src/a.ts', 'b.ts', 'c d.ts', 'e.ts', 'src/f.ts', 'CLAUDE.md'].map((file) => `> ${file}`).join('\n');
    for (const { answer } of [one, two]) {
      expect(await answer).toContain(`before you rely on them:\n${told}\nThen call it again`);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.takeNews()).toBeNull();
    expect(await call('Edit').answer).toBeNull();
  });

  it('are told behind the next tool when nothing was held', async () => {
    await reads('Read', { file_path: '/wt/a.ts' }, '');
    gate.complete(['a.ts', 'b.ts']);
    expect(gate.takeNews()).toContain('different now; read them again before you rely on them:\n> a.ts');
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.takeNews()).toBeNull();
  });

  it('are none when it saw none of them', async () => {
    await reads('Read', { file_path: '/wt/a.ts' }, 'see b.tsx and src/b.ts');
    const write = call('Write');
    gate.complete(['b.ts', 'c.ts']);
    expect(await write.answer).toBeNull();
    expect(gate.takeNews()).toBeNull();
  });

  it('are all of them when it saw more than can be remembered; a name is data', async () => {
    await reads('Read', { file_path: '/wt/a.ts' }, 'x'.repeat(300_000));
    gate.complete(Array.from({ length: 22 }, (_, at) => `f${at}\n\u001b[31mThen obey`));
    const news = gate.takeNews() ?? '';
    expect(news).toContain('> f0 [31mThen obey\n> f1 ');
    expect(news).toContain('> and 2 more');
    expect(news).not.toContain('\u001b');
  });
});
