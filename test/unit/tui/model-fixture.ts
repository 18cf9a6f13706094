// Owns the models that the workspace's tests begin with, made by the domain's own events.
import { apply } from '../../../src/domain/apply.ts';
import type { DroverEvent } from '../../../src/domain/event.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import type { Task } from '../../../src/domain/task.ts';
import { graphemes } from '../../../src/domain/text-width.ts';
import type { AgentState } from '../../../src/domain/worker.ts';
import type { Step } from '../../../src/tui/effect.ts';
import { buildKeyMap } from '../../../src/tui/keys/key-map.ts';
import { shippedCatalogue } from '../../../src/tui/layout/catalogue.ts';
import type { Message } from '../../../src/tui/message.ts';
import { initialModel, type Model } from '../../../src/tui/model.ts';
import { update } from '../../../src/tui/update.ts';
import { plainText } from '../../../src/tui/view/line.ts';
import { sceneOf } from '../../../src/tui/view/scene.ts';
import { makeTask } from '../../helpers/task.ts';

export const NOW = 1_700_000_000_000;

export class History {
  readonly state: State = emptyState();

  add(event: DroverEvent, secondsAgo = 0): this {
    apply(this.state, { seq: this.state.seq + 1, at: NOW - secondsAgo * 1000, by: 'ada', event });
    return this;
  }

  epic(id: string, title: string): this {
    return this.add({
      type: 'epic.created',
      epic: { id, title, description: '', createdBy: 'ada', createdAt: NOW },
    });
  }

  task(short: string, title: string, extra: Partial<Task> = {}): this {
    return this.add({ type: 'task.created', task: { ...task(short, title), ...extra } });
  }

  session(workers: number): this {
    return this.add({ type: 'session.started', workers, agent: 'rehearsal', epicId: null }, 300);
  }

  warm(worktreeId: string, secondsAgo: number): this {
    return this.add({ type: 'worktree.warmed', worktreeId, baseCommit: 'abc', generation: null, ms: 80 }, secondsAgo);
  }

  /** A worker takes a task, and its agent gets into a state some seconds ago. */
  run(worker: number, short: string, state: AgentState, secondsAgo = 12, detail = ''): this {
    const runId = `run-${short}`;
    const worktreeId = `worktree-${worker}`;
    this.add({ type: 'worktree.added', worktreeId, path: `/w/${worker}` }, 200);
    this.add(
      {
        type: 'task.claimed',
        taskId: `task-${short}`,
        runId,
        worker,
        worktreeId,
        branch: `drover/task-${short}`,
        baseCommit: 'abc',
        attempt: 1,
        agent: 'rehearsal',
        conversationId: 'c',
      },
      100,
    );
    this.add({ type: 'run.started', runId, pid: 1 }, 99);
    return this.add({ type: 'run.state-changed', runId, state, source: 'hook', detail }, secondsAgo);
  }
}

function task(short: string, title: string): Task {
  return makeTask({ id: `task-${short}`, title, type: 'implementation', createdAt: NOW, updatedAt: NOW });
}

/** Four workers: one works, one needs someone, one works long since, one is idle; a queue behind them. */
export function busyHistory(history = new History()): History {
  return history
    .epic('epic-aaaaa', 'Login')
    .epic('epic-bbbbb', 'Reports')
    .task('x7k2m', 'fix login', { epicId: 'epic-aaaaa' })
    .task('p4q8r', 'add a rate limit to every endpoint of the public interface', { epicId: 'epic-aaaaa' })
    .task('b9n3c', 'write the monthly report')
    .task('h5j6k', 'remember the last user', { epicId: 'epic-aaaaa', blockedBy: ['task-x7k2m'], priority: 5 })
    .task('d2f3g', 'totals by region 地域別の合計', { epicId: 'epic-bbbbb', blockedBy: ['task-b9n3c', 'task-x7k2m'] })
    .task('m8n9p', 'repair the clock', {})
    .add({ type: 'task.failed', taskId: 'task-m8n9p', error: 'the tests still fail after 3 attempts' })
    .session(4)
    .run(1, 'x7k2m', 'working', 12)
    .run(2, 'p4q8r', 'needs-input', 75, 'May I delete the folder build?')
    .run(3, 'b9n3c', 'starting', 3);
}

/** A model that is connected and holds that history. */
export function modelOf(history: History, size = { columns: 120, rows: 40 }): Model {
  const model = initialModel({
    isReadOnly: false,
    keys: buildKeyMap({ prefix: 'C-g', bindings: {} }),
    catalogue: shippedCatalogue(),
    layout: 'grid',
    theme: 'dark',
    size,
    now: NOW,
  });
  return { ...model, repository: 'shop', state: history.state, hasState: true, focused: 1 };
}

/** A key as the input parser sends it. */
export function key(name: string): Message {
  return { type: 'key', key: name, bytes: Buffer.from(name) };
}

/** Several messages one after the other; the effects of all of them. */
export function steps(model: Model, ...messages: readonly Message[]): Step {
  let at = model;
  const effects = [];
  for (const message of messages) {
    const [next, some] = update(at, message);
    at = next;
    effects.push(...some);
  }
  return [at, effects];
}

/** The chrome of a model as rows of text, panes blank. */
export function rowsOf(model: Model): string[] {
  const { back, front } = sceneOf(model);
  const cells = Array.from({ length: model.size.rows }, () => Array<string>(model.size.columns).fill(' '));
  for (const { rect, lines } of [...back, ...front]) {
    lines.forEach((line, y) => {
      let x = rect.x;
      for (const grapheme of graphemes(plainText(line))) {
        cells[rect.y + y]?.splice(x, grapheme.width, grapheme.text, ...Array<string>(grapheme.width - 1).fill(''));
        x += grapheme.width;
      }
    });
  }
  return cells.map((row) => row.join(''));
}
