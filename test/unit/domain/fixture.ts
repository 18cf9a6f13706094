// Owns the small world that the domain's tests play in: a live state, its log, and a clock that they set.
import { apply } from '../../../src/domain/apply.ts';
import { decide, decideFact } from '../../../src/domain/decide.ts';
import type { DroverEvent, Envelope } from '../../../src/domain/event.ts';
import type { Context, Intent, NewTask } from '../../../src/domain/intent.ts';
import { type Refusal, RefusalError } from '../../../src/domain/refusal.ts';
import { emptyState, type State } from '../../../src/domain/state.ts';
import type { Task } from '../../../src/domain/task.ts';
import type { Run } from '../../../src/domain/worker.ts';

/** A state with its whole log; `now` is set by the test. */
export class World {
  readonly state: State = emptyState();
  readonly log: Envelope[] = [];
  now = 1_000_000;
  random = 0.5;
  private ids = 0;

  context(): Context {
    return {
      now: this.now,
      by: 'ada',
      newId: () => this.nextId(),
      random: () => this.random,
      retry: { maxAttempts: 3, baseDelay: 30_000, maxDelay: 600_000 },
      subtasks: { maxDepth: 3, maxPerTask: 20, perMinute: 10, maxTokens: null, maxCost: null },
    };
  }

  /** Ids `aaaaa`, `bbbbb`, … so that a test can name them. */
  private nextId(): string {
    const letters = 'abcdefghjkmnpqrstuvwxyz';
    const letter = letters.charAt(this.ids % letters.length);
    const round = Math.floor(this.ids++ / letters.length);
    return round === 0 ? letter.repeat(5) : `${letter.repeat(2)}${String(round).padStart(3, '2')}`;
  }

  /** Decides and folds; the events that came of it. */
  act(intent: Intent): DroverEvent[] {
    const events = decide(this.state, intent, this.context());
    for (const event of events) this.fold(event);
    return events;
  }

  /** Folds a fact that nobody can refuse, with what follows from it. */
  record(fact: DroverEvent): void {
    for (const event of decideFact(this.state, fact, this.context())) this.fold(event);
  }

  private fold(event: DroverEvent): void {
    const envelope = { seq: this.state.seq + 1, at: this.now, by: 'ada', event };
    this.log.push(envelope);
    apply(this.state, envelope);
  }

  /** The refusal of an intent; throws when it is not refused. */
  refusal(intent: Intent): Refusal {
    try {
      decide(this.state, intent, this.context());
    } catch (error) {
      if (error instanceof RefusalError) return error.refusal;
      throw error;
    }
    throw new Error(`${intent.type} was not refused`);
  }

  add(title: string, more: Partial<NewTask> = {}): Task {
    const [event] = this.act({ type: 'task.create', task: { title, ...more } });
    if (event?.type !== 'task.created') throw new Error('no task was created');
    return event.task;
  }

  task(id: string): Task {
    const task = this.state.tasks.get(id);
    if (!task) throw new Error(`no task ${id}`);
    return task;
  }

  /** The run that works, or worked last, on a task. */
  run(id: string): Run {
    const run = this.state.runs.get(this.task(id).runId ?? '');
    if (!run) throw new Error(`no run of ${id}`);
    return run;
  }

  start(workers = 2, epic: string | null = null): void {
    this.act({ type: 'session.start', workers, agent: 'rehearsal', epic });
  }

  /** Claims the task with a worker and that worker's worktree; the run's id comes back. */
  claim(id: string, worker = 1): string {
    const runId = `run-${id}-${this.state.runs.size + 1}`;
    const worktreeId = `worktree-${worker}`;
    this.act({ type: 'worktree.add', worktreeId, path: `/pool/${worker}` });
    this.act({
      type: 'task.claim',
      taskId: id,
      runId,
      worker,
      worktreeId,
      baseCommit: 'b'.repeat(40),
      agent: 'rehearsal',
      conversationId: `conversation-${runId}`,
    });
    return runId;
  }

  /** Claims the task and reports its process. */
  work(id: string, worker = 1): string {
    const runId = this.claim(id, worker);
    this.act({ type: 'run.start', runId, pid: 4000 + worker });
    return runId;
  }

  end(runId: string, exitCode = 0): void {
    this.act({ type: 'run.end', runId, exitCode, signal: null, reason: 'it ended' });
  }

  /** Claim to landed commit, agent ended, worktree given back. */
  finish(id: string, worker = 1): void {
    this.work(id, worker);
    this.handIn(id);
  }

  /** From work in progress to the landed commit, agent ended, worktree given back. */
  handIn(id: string): void {
    const run = this.run(id);
    this.act({ type: 'task.submit', taskId: id, verdict: 'pass', summary: 'done' });
    this.act({ type: 'task.complete', taskId: id, commit: 'c'.repeat(40), by: 'agent', checkout: '' });
    this.end(run.id);
    this.act({ type: 'worktree.release', worktreeId: run.worktreeId });
  }
}
