// Owns which lines of a pane begin a prompt: those that a shell marks (OSC 133;A), wherever they have moved since.
import type { IMarker, Terminal } from '@xterm/headless';

/** The prompt of a line that goes on (kitty's `k=s`) is none to go to. */
const IS_SECONDARY = /(?:^|;)k=s(?:;|$)/;

export class PromptMarks {
  /** Lines that have left the emulator, by number, ascending. */
  #kept: number[] = [];
  /** Lines that are in it: it moves the marks with them. */
  readonly #live = new Set<IMarker>();

  attach(terminal: Terminal): void {
    this.clear();
    terminal.parser.registerOscHandler(133, (data) => {
      if (/^A(?:;|$)/.test(data) && !IS_SECONDARY.test(data)) this.#mark(terminal);
      return true;
    });
  }

  clear(): void {
    this.#kept = [];
    this.#live.clear();
  }

  /** The lines that have left the emulator are no longer kept. */
  forgetKept(): void {
    this.#kept = [];
  }

  /** The oldest `count` lines leave the emulator, and are numbered from `number` on; those before `first` are no longer kept. */
  keep(count: number, number: number, first: number): void {
    if (this.#live.size === 0) return;
    for (const { line } of this.#sorted()) if (line < count) this.#kept.push(number + line);
    this.#forget(first);
  }

  /** The numbers of marked lines from `from` up to, without, `to`, where the emulator's first line is number `end`. */
  within(from: number, to: number, end: number): number[] {
    const live = this.#sorted().map(({ line }) => end + line);
    return [...this.#kept, ...live].filter((number) => number >= from && number < to);
  }

  #mark(terminal: Terminal): void {
    const { active } = terminal.buffer;
    const line = active.baseY + active.cursorY;
    // A prompt that is drawn again.
    for (const mark of this.#live) if (mark.line === line) return;
    // None on the alternate screen, which keeps no history.
    const mark = terminal.registerMarker(0);
    if (mark === undefined) return;
    this.#live.add(mark);
    mark.onDispose(() => this.#live.delete(mark));
  }

  #forget(first: number): void {
    const at = this.#kept.findIndex((number) => number >= first);
    this.#kept.splice(0, at < 0 ? this.#kept.length : at);
  }

  #sorted(): IMarker[] {
    return [...this.#live].sort((a, b) => a.line - b.line);
  }
}
