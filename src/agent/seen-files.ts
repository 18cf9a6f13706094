// Owns which files an agent may have seen so far: what its reading tools were asked for, and what they answered.

/** Words kept; an agent that reads more in the seconds of a sync may have seen anything. */
const MOST_WORDS = 100_000;
/** Characters of one text that are looked through. */
const MOST_TEXT = 256 * 1024;
/** What no path begins or ends with in an answer: `src/a.ts:12:`, `"src/a.ts",` */
const BETWEEN = /[\s"'`:;,=<>|&(){}[\]]+/;

/** Claude Code reads these by itself before its first word. */
const FROM_THE_START = ['CLAUDE.md', '.claude/CLAUDE.md', 'AGENTS.md'];

export class SeenFiles {
  readonly #root: string;
  readonly #words = new Set<string>(FROM_THE_START);
  #isAnything = false;

  /** `root` is the worktree. */
  constructor(root: string) {
    this.#root = root.endsWith('/') ? root : `${root}/`;
  }

  /** Takes in a call's input or answer: any JSON. */
  add(value: unknown): void {
    if (this.#isAnything) return;
    if (typeof value === 'string') this.#read(value);
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) this.add(part);
  }

  /** Those of the files (beneath the worktree) that it may have seen. */
  among(files: readonly string[]): string[] {
    return this.#isAnything ? [...files] : files.filter((file) => this.#words.has(file));
  }

  #read(text: string): void {
    if (text.length > MOST_TEXT) {
      this.#isAnything = true;
      return;
    }
    // Whole as well: a path may hold blanks.
    const local = text.replaceAll(this.#root, '');
    for (const word of [local, ...local.split(BETWEEN)])
      this.#words.add(word.replace(/^(?:\.\/)+/, '').replace(/\.$/, ''));
    if (this.#words.size > MOST_WORDS) this.#isAnything = true;
  }
}
