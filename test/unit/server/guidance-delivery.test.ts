// Owns the tests of guidance on its way into a run: whatever happens in which order, each message arrives once or waits, and nothing is typed where it must not be.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readGuidanceIds } from '../../../src/agent/prompts.ts';
import { openGuidance } from '../../../src/domain/guidance.ts';
import { checkInvariants } from '../../../src/domain/invariants.ts';
import type { AgentState } from '../../../src/domain/worker.ts';
import { GuidanceDelivery } from '../../../src/server/guidance-delivery.ts';
import { World } from '../domain/fixture.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An agent as its hooks, its screen and its transcript show it. */
class Stage {
  readonly world = new World();
  readonly taskId: string;
  readonly sent: string[] = [];
  readonly retracted = new Set<string>();
  /** What the agent has heard, in order: its conversation. */
  readonly heard: string[] = [];
  /** What of it is on disk: later than it was heard. */
  readonly transcript = new Set<string>();
  readonly faults: unknown[] = [];
  readonly wrong: string[] = [];
  runId: string;
  delivery: GuidanceDelivery;
  state: AgentState = 'starting';
  box: 'empty' | 'draft' | 'none' = 'none';
  /** Whose words stand in the box: ours without their Enter, or a person's. */
  draft = '';
  /** ms until what was heard is on disk. */
  lag = 0;
  swallowsReturn = false;
  isDead = false;

  constructor() {
    this.world.start();
    this.taskId = this.world.add('Login').id;
    this.runId = this.world.work(this.taskId);
    this.delivery = this.#connect();
  }

  #connect(): GuidanceDelivery {
    const { runId } = this;
    return new GuidanceDelivery({
      runId,
      open: () => openGuidance(this.world.state, this.taskId),
      canHear: () => true,
      intend: async (intent) => {
        await Promise.resolve();
        return this.world.act(intent);
      },
      receipts: {
        look: async () => {
          await Promise.resolve();
          return new Set(this.transcript);
        },
      },
      terminal: {
        submit: (text, isMeant) => this.#paste(text, isMeant),
        pressReturn: () => this.pressReturn(),
        box: () => this.box,
      },
      onFault: (error) => this.faults.push(error),
    });
  }

  get isIdle(): boolean {
    return this.state === 'turn-ended' || this.state === 'interrupted';
  }

  hear(text: string): void {
    const ids = readGuidanceIds(text);
    this.heard.push(...ids);
    setTimeout(() => {
      for (const id of ids) this.transcript.add(id);
    }, this.lag);
  }

  async #paste(text: string, isMeant: () => boolean): Promise<boolean> {
    if (!isMeant()) return false;
    if (!this.isIdle || this.box === 'none') this.wrong.push(`typed while ${this.state}`);
    if (this.box === 'draft') this.wrong.push(`typed over "${this.draft}"`);
    this.draft += text;
    this.box = 'draft';
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (this.isDead || !isMeant()) return false;
    if (this.swallowsReturn) this.swallowsReturn = false;
    else this.pressReturn();
    return true;
  }

  /** Enter, by whomever: the words in the box are a prompt, or approve a dialog. */
  pressReturn(): void {
    if (!this.isIdle) this.wrong.push(`Enter while ${this.state}`);
    this.hear(this.draft);
    this.draft = '';
    this.box = 'empty';
    this.delivery.prompted();
    this.become('working');
  }

  become(state: AgentState): void {
    this.state = state;
    if (state === 'needs-input') this.box = 'none';
    else this.box = this.draft === '' ? 'empty' : 'draft';
    this.delivery.changed(state, 'hook');
  }

  type(text: string): void {
    this.delivery.typed(text);
    if (this.state === 'needs-input') return;
    this.draft += text;
    this.box = 'draft';
  }

  send(): string {
    const [event] = this.world.act({ type: 'guidance.send', taskId: this.taskId, text: `words ${this.sent.length}` });
    const id = event?.type === 'guidance.queued' ? event.guidanceId : '';
    this.sent.push(id);
    this.delivery.offer();
    return id;
  }

  stateOf(id: string): string {
    return this.world.state.guidance.get(id)?.state ?? '';
  }

  /** The process ends, its transcript is whole, and another goes on with the conversation. */
  async restart(): Promise<void> {
    this.isDead = true;
    for (const id of this.heard) this.transcript.add(id);
    await this.delivery.end();
    this.world.end(this.runId);
    const runId = `${this.runId}+`;
    this.world.act({ type: 'run.resume', taskId: this.taskId, runId, worker: 1, reason: 'it ended' });
    this.world.act({ type: 'run.start', runId, pid: 5000 + runId.length });
    this.runId = runId;
    this.isDead = false;
    this.draft = '';
    this.state = 'starting';
    this.delivery = this.#connect();
    const words = await this.delivery.take('prompt');
    this.become('working');
    if (words !== null) this.hear(words.text);
  }
}

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a message', () => {
  it('is handed over once, though several tools end at the same time', async () => {
    const stage = new Stage();
    stage.become('working');
    const id = stage.send();
    const answers = await Promise.all([1, 2, 3].map(() => stage.delivery.take('tool')));
    expect(answers.map((answer) => answer?.text)).toEqual([
      `Operator guidance (${id}, from ada): words 0`,
      undefined,
      undefined,
    ]);
  });

  it('is typed at an idle prompt, and Enter pressed once more when it was swallowed', async () => {
    const stage = new Stage();
    stage.become('turn-ended');
    stage.swallowsReturn = true;
    const id = stage.send();
    await settle(1_000);
    expect(stage.heard).toEqual([]);
    await settle(3_000);
    expect(stage.heard).toEqual([id]);
    expect(stage.stateOf(id)).toBe('acknowledged');
  });

  it('is not typed behind a login or a question of the program, which no hook tells of', async () => {
    const stage = new Stage();
    stage.delivery.changed('needs-input', 'drover');
    stage.box = 'empty';
    stage.send();
    await settle(60_000);
    expect(stage.draft).toBe('');
    expect(stage.heard).toEqual([]);
  });

  it('keeps out of the box in which somebody begins to type at that moment', async () => {
    const stage = new Stage();
    stage.become('turn-ended');
    const id = stage.send();
    await settle(50);
    stage.type('x');
    await settle(60_000);
    // The words stand there, and nobody but the person presses Enter.
    expect(stage.heard).toEqual([]);
    expect(stage.stateOf(id)).toBe('shown');
    stage.pressReturn();
    await settle(1);
    await stage.delivery.take('tool');
    expect(stage.heard).toEqual([id]);
    expect(stage.stateOf(id)).toBe('acknowledged');
  });

  it('waits again when the turn was interrupted before it arrived, and is typed then', async () => {
    const stage = new Stage();
    stage.become('working');
    const id = stage.send();
    await stage.delivery.take('tool');
    stage.become('interrupted');
    await settle(2_000);
    expect(stage.stateOf(id)).toBe('shown');
    await settle(3_000);
    expect(stage.heard).toEqual([id]);
    const events = stage.world.log.map(({ event }) => event.type).filter((type) => type.startsWith('guidance.'));
    expect(events).toEqual([
      'guidance.queued',
      'guidance.shown',
      'guidance.requeued',
      'guidance.shown',
      'guidance.acknowledged',
    ]);
  });

  it('is shown to a command with its first words, and never acknowledged', async () => {
    const { world, taskId, runId } = new Stage();
    const delivery = new GuidanceDelivery({
      runId,
      open: () => openGuidance(world.state, taskId),
      canHear: () => true,
      intend: async (intent) => world.act(intent),
      receipts: null,
      terminal: { submit: () => Promise.reject(new Error('typed')), pressReturn: () => {}, box: () => 'empty' },
      onFault: (error) => expect(error).toBeUndefined(),
    });
    world.act({ type: 'guidance.send', taskId, text: 'early' });
    expect((await delivery.take('prompt'))?.text).toContain('early');
    delivery.changed('turn-ended', 'hook');
    await delivery.end();
    expect(openGuidance(world.state, taskId).map(({ state }) => state)).toEqual(['shown']);
  });

  it('goes with others as far as a hook takes them, in their order', async () => {
    const stage = new Stage();
    stage.become('working');
    for (const text of ['a', 'b', 'c']) {
      stage.world.act({ type: 'guidance.send', taskId: stage.taskId, text: text.repeat(4_500) });
    }
    const lengths: number[] = [];
    for (let taken = await stage.delivery.take('tool'); taken; taken = await stage.delivery.take('tool')) {
      lengths.push(readGuidanceIds(taken.text).length);
      expect(taken.text.length).toBeLessThan(10_000);
    }
    expect(lengths).toEqual([2, 1]);
  });
});

type Act = (stage: Stage) => unknown;
const act = (name: string, run: Act): fc.Arbitrary<Act> => fc.constant(Object.assign(run, { toString: () => name }));

/** What happens between two moments; each makes sense in some states only. */
const ACTS = fc.oneof(
  { weight: 4, arbitrary: act('hint', (stage) => stage.send()) },
  {
    weight: 4,
    arbitrary: act('tool', async (stage) => {
      if (stage.state !== 'working') return;
      const words = await stage.delivery.take('tool');
      if (words !== null) stage.hear(words.text);
    }),
  },
  {
    weight: 1,
    arbitrary: act('tool, interrupted before its words arrive', async (stage) => {
      if (stage.state !== 'working') return;
      await stage.delivery.take('tool');
      stage.become('interrupted');
    }),
  },
  {
    weight: 4,
    arbitrary: act('turn end', async (stage) => {
      if (stage.state !== 'working') return;
      const words = await stage.delivery.take('turn-end');
      if (words === null) stage.become('turn-ended');
      else stage.hear(words.text);
    }),
  },
  { weight: 1, arbitrary: act('begin', (stage) => stage.state === 'starting' && stage.become('working')) },
  { weight: 1, arbitrary: act('interrupt', (stage) => stage.state === 'working' && stage.become('interrupted')) },
  { weight: 1, arbitrary: act('dialog', (stage) => stage.state === 'working' && stage.become('needs-input')) },
  {
    weight: 2,
    arbitrary: act('answer', (stage) => {
      if (stage.state !== 'needs-input') return;
      stage.type('1');
      stage.become('working');
    }),
  },
  { weight: 1, arbitrary: act('a person types', (stage) => stage.isIdle && stage.type('draft ')) },
  {
    weight: 2,
    arbitrary: act('a person submits', (stage) => {
      if (!stage.isIdle) return;
      stage.delivery.typed('\r');
      stage.pressReturn();
    }),
  },
  {
    weight: 1,
    arbitrary: act('retract', (stage) => {
      const id = stage.sent.find((each) => stage.stateOf(each) === 'queued');
      if (id === undefined) return;
      stage.world.act({ type: 'guidance.retract', guidanceId: id });
      stage.retracted.add(id);
    }),
  },
  { weight: 1, arbitrary: act('restart', (stage) => stage.restart()) },
  {
    weight: 1,
    arbitrary: act('swallow', (stage) => {
      stage.swallowsReturn = true;
    }),
  },
);

const STEPS = fc.array(fc.tuple(ACTS, fc.constantFrom(0, 0, 1, 50, 99, 400, 3_100, 31_000)), {
  minLength: 5,
  maxLength: 60,
  size: 'max',
});

describe('whatever happens, in whatever order', () => {
  it('each message arrives once, in its order; none is lost, and none is typed over a draft or into a dialog', async () => {
    const property = fc.asyncProperty(STEPS, fc.constantFrom(0, 20, 2_500), async (steps, lag) => {
      const stage = new Stage();
      stage.lag = lag;
      for (const [next, wait] of steps) {
        let isDone = false;
        const done = Promise.resolve(next(stage)).finally(() => {
          isDone = true;
        });
        // A hook may come while words are being typed, and then waits for their Enter.
        while (!isDone) await settle(10);
        await done;
        await settle(wait);
      }
      for (const _ of [1, 2]) {
        const restarted = stage.restart();
        await settle(3_000);
        await restarted;
      }
      await settle(10_000);
      const tool = await stage.delivery.take('tool');
      expect(tool).toBeNull();
      expect(stage.faults).toEqual([]);
      expect(stage.wrong).toEqual([]);
      expect(checkInvariants(stage.world.state)).toEqual([]);
      expect(stage.heard.length).toBe(new Set(stage.heard).size);
      const expected = stage.sent.filter((id) => !stage.retracted.has(id) || stage.heard.includes(id));
      expect([...stage.heard].sort()).toEqual([...expected].sort());
      for (const id of expected) expect(stage.stateOf(id)).toBe('acknowledged');
      const requeued = new Set(
        stage.world.log.flatMap(({ event }) => (event.type === 'guidance.requeued' ? [event.guidanceId] : [])),
      );
      const isStraight = (id: string): boolean => !requeued.has(id);
      expect(stage.heard.filter(isStraight)).toEqual(expected.filter(isStraight));
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
