// Owns the golden screens of the end-to-end tests: what is volatile taken out, each under the keys that lead to it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PersonTerminal } from './terminal.ts';

/** ms without a change after which a screen is taken as it is; only where golden screens are written anew. */
const QUIET = 500;
const HEAD = '=== ';

/** Set to write the golden screens anew; look at what git then shows. */
const MUST_WRITE = process.env['DROVER_WRITE_SCREENS'] === '1';

export class GoldenScreens {
  readonly #file: URL;
  readonly #screens = new Map<string, string>();
  /** What each test makes different: ids, names. The same text for the same thing each time. */
  readonly #normalise: (screen: string) => string;

  constructor(file: URL, normalise: (screen: string) => string) {
    this.#file = file;
    this.#normalise = normalise;
    if (MUST_WRITE) return;
    for (const part of readFileSync(file, 'utf8')
      .split(new RegExp(`^${HEAD}`, 'm'))
      .slice(1)) {
      const cut = part.indexOf('\n');
      this.#screens.set(part.slice(0, cut), part.slice(cut + 1));
    }
  }

  /** The names of all screens. */
  get names(): string[] {
    return [...this.#screens.keys()];
  }

  /** Resolves when the terminal shows the screen of that name; writes it where that is asked for. */
  async see(terminal: PersonTerminal, name: string): Promise<void> {
    const now = (): string => `${this.#normalise(steady(terminal.text()))}\n`;
    if (!MUST_WRITE) {
      const golden = this.#screens.get(name);
      if (golden === undefined) throw new Error(`there is no golden screen "${name}": DROVER_WRITE_SCREENS=1`);
      await terminal
        .see(() => now() === golden, `the golden screen "${name}"`)
        .catch((error: unknown) => {
          throw new Error(`it is not the golden screen "${name}":\n${golden}\nbut\n${now()}`, { cause: error });
        });
      return;
    }
    for (let before = ''; before !== now() || now().trim() === ''; ) {
      before = now();
      await new Promise((resolve) => setTimeout(resolve, QUIET));
    }
    const known = this.#screens.get(name);
    if (known !== undefined && known !== now()) throw new Error(`"${name}" is two screens:\n${known}\n${now()}`);
    this.#screens.set(name, now());
  }

  /** Writes what was seen, where that is asked for. */
  write(): void {
    if (!MUST_WRITE) return;
    mkdirSync(dirname(this.#file.pathname), { recursive: true });
    writeFileSync(this.#file, [...this.#screens].map(([name, screen]) => `${HEAD}${name}\n${screen}`).join(''));
  }
}

/** Ages, gauges and clocks stand still; a line that is drawn around them is as long as any. */
function steady(screen: string): string {
  return screen
    .split('\n')
    .map((row) => {
      if (!/\b\d+[smhd]\b|\d[*!] |\d%/.test(row)) return row;
      return row
        .replace(/[─━]+/g, '─')
        .replace(/(\d)[*!](?= )/g, '$1')
        .replace(/[█░]+ +\d+%/g, '█░ 0%')
        .replace(/ *\b\d+[smhd]\b */g, ' 0s ')
        .trimEnd();
    })
    .join('\n')
    .replace(/\b\d\d:\d\d(?::\d\d)?\b/g, 'hh:mm');
}
