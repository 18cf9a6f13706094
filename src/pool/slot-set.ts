// Owns which slots there are, and who gets which: a claim takes the one that is most ready, upkeep only what nobody holds.
import { newSlot, type Slot } from './slot.ts';

export class SlotSet {
  readonly #slots = new Map<string, Slot>();
  readonly #pathOf: (id: string) => string;
  /** Claims that wait for a slot that is being made ready. */
  #waiting = 0;

  constructor(pathOf: (id: string) => string) {
    this.#pathOf = pathOf;
  }

  list(): readonly Slot[] {
    return [...this.#slots.values()];
  }

  get(id: string): Slot | undefined {
    return this.#slots.get(id);
  }

  /** Throws for one that is not there. */
  require(id: string): Slot {
    const slot = this.#slots.get(id);
    if (slot === undefined) throw new Error(`no worktree ${id} in the pool`);
    return slot;
  }

  put(slot: Slot): void {
    this.#slots.set(slot.id, slot);
  }

  delete(id: string): void {
    this.#slots.delete(id);
  }

  /** One more, with the lowest free number. */
  add(): Slot {
    let number = 1;
    while (this.#slots.has(`worktree-${number}`)) number += 1;
    const id = `worktree-${number}`;
    const slot = newSlot(id, this.#pathOf(id));
    this.put(slot);
    return slot;
  }

  /**
   * Reserves a slot for a task that starts at a commit: the most ready one that is free. One that is being made ready is waited for, unless so
   * many claims wait already; else there is a new one.
   */
  async reserve(taskId: string, commit: string): Promise<Slot> {
    for (;;) {
      const usable = this.list().filter((slot) => slot.taskId === null && !slot.isDamaged);
      const free = usable.filter((slot) => slot.work === null);
      const best = free.sort((a, b) => effortFor(a, commit) - effortFor(b, commit))[0];
      const inWork = usable.flatMap(({ work }) => work ?? []);
      if (best === undefined && inWork.length > this.#waiting) {
        this.#waiting += 1;
        await Promise.race(inWork).catch(() => undefined);
        this.#waiting -= 1;
        continue;
      }
      const slot = best ?? this.add();
      slot.taskId = taskId;
      return slot;
    }
  }

  /** Works on a slot that nobody holds; claims pass it by, or wait for it, until it is done. null when somebody holds it. */
  async whileFree<T>(slot: Slot, job: () => Promise<T>): Promise<T | null> {
    if (slot.work !== null || slot.taskId !== null) return null;
    const work = job();
    slot.work = work;
    try {
      return await work;
    } finally {
      slot.work = null;
    }
  }
}

/** None at the commit, little behind it, more when it has to be cleaned, most when what lies in it has to be kept first. */
function effortFor(slot: Slot, commit: string): number {
  if (slot.ready !== null) return slot.ready.commit === commit ? 0 : 1;
  return slot.isSuspect ? 3 : 2;
}
