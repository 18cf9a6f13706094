// Owns a test's view of a session: its state, kept up by events, and waiting for it to be as it should.
import { type Client, connectToServer } from '../../src/client/client.ts';
import { adoptSubscription, replicate } from '../../src/client/replica.ts';
import type { Envelope } from '../../src/domain/event.ts';
import { emptyState, type State } from '../../src/domain/state.ts';
import type { Task } from '../../src/domain/task.ts';

/** ms */
const PATIENCE = 90_000;

export class Watch {
  readonly #client: Client;
  #state: State = emptyState();
  readonly #waiting = new Set<() => void>();
  /** Every event since the watch began. */
  readonly seen: Envelope[] = [];

  private constructor(client: Client) {
    this.#client = client;
  }

  static async begin(where: { socket: string; root: string; log: string }): Promise<Watch> {
    const paths = { listening: '', ...where };
    const client = await connectToServer({ paths, kind: 'test', operator: 'watcher', startServer: false });
    const watch = new Watch(client);
    const early: Envelope[] = [];
    let isReady = false;
    client.onNotice((notice) => {
      if (notice.notice !== 'event') return;
      if (isReady) watch.#take(notice.envelope);
      else early.push(notice.envelope);
    });
    watch.#state = adoptSubscription(watch.#state, await client.call('events.subscribe', {}));
    isReady = true;
    for (const envelope of early) watch.#take(envelope);
    return watch;
  }

  get state(): State {
    return this.#state;
  }

  get client(): Client {
    return this.#client;
  }

  /** The task of a title. */
  task(title: string): Task {
    const task = [...this.#state.tasks.values()].find((each) => each.title === title);
    if (!task) throw new Error(`there is no task "${title}"`);
    return task;
  }

  /** Resolves when the state is as the check wants it; fails with what every task is at. */
  until(check: (state: State) => boolean, note: string): Promise<void> {
    if (check(this.#state)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const tasks = [...this.#state.tasks.values()].map(
          (t) => `${t.title}: ${t.status} ${t.landing ?? ''} ${t.lastError ?? ''}`,
        );
        reject(new Error(`never came true: ${note}\n${tasks.join('\n')}`));
      }, PATIENCE);
      const look = (): void => {
        if (!check(this.#state)) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  close(): void {
    this.#client.close();
  }

  #take(envelope: Envelope): void {
    if (replicate(this.#state, envelope) !== 'applied') return;
    this.seen.push(envelope);
    for (const look of [...this.#waiting]) look();
  }
}
