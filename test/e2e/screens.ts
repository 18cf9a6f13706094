// Owns the golden screens of the end-to-end tests: routes of keys, each screen told by the rows that differ from the one before; what is volatile taken out.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PersonTerminal } from './terminal.ts';

/** ms without a change after which a screen is taken as it is; only where golden screens are written anew. */
const QUIET = 500;
/** How many times that a screen is waited for that has to be another one. */
const LOOKS = 40;
const ROUTE = '=== ';
const STEP = '--- ';

/** Set to write the golden screens of the routes that are walked anew; look at what git then shows. */
const MUST_WRITE = process.env['DROVER_WRITE_SCREENS'] === '1';

interface Step {
  readonly name: string;
  /** The whole screen after it, row by row. */
  readonly screen: readonly string[];
}

export class GoldenScreens {
  readonly #file: URL;
  readonly #routes: Map<string, Step[]>;
  /** What each test makes different: ids, names. The same text for the same thing each time. */
  readonly #normalise: (screen: string) => string;

  constructor(file: URL, normalise: (screen: string) => string) {
    this.#file = file;
    this.#normalise = normalise;
    this.#routes = routesOf(MUST_WRITE && !existsSync(file) ? '' : readFileSync(file, 'utf8'));
  }

  /** The names of all steps of all routes. */
  get names(): string[] {
    return [...this.#routes].flatMap(([route, steps]) => steps.map(({ name }) => `${route}: ${name}`));
  }

  /** Walks a route in a terminal; its first screen is the one that is there already. */
  walk(terminal: PersonTerminal, route: string): Walk {
    const golden = MUST_WRITE ? [] : (this.#routes.get(route) ?? []);
    if (MUST_WRITE) this.#routes.set(route, golden);
    let before: readonly string[] = [];
    let at = 0;
    const now = (): string[] => {
      const { cursor, inverse } = terminal.marks();
      return [...this.#normalise(steady(terminal.text())).split('\n'), `cursor ${cursor}`, `inverse ${inverse}`];
    };
    return {
      see: async (name, isSeen) => {
        if (MUST_WRITE) golden.push({ name, screen: await quiet(now, isSeen ? before : []) });
        const step = golden[at++];
        if (step?.name !== name)
          throw new Error(`the route "${route}" has no golden screen "${name}": DROVER_WRITE_SCREENS=1`);
        const { screen } = step;
        const wanted = screen.join('\n');
        await terminal
          .see(() => now().join('\n') === wanted, `the golden screen "${name}"`)
          .catch((error: unknown) => {
            const rows = difference(screen, now());
            throw new Error(`after "${name}" other rows are seen:\n${told(rows)}\nthan\n${wanted}`, { cause: error });
          });
        const isOther = !isSame(screen, before);
        before = screen;
        return isOther;
      },
    };
  }

  /** Writes what was seen, where that is asked for. */
  write(): void {
    if (!MUST_WRITE) return;
    mkdirSync(dirname(this.#file.pathname), { recursive: true });
    writeFileSync(this.#file, [...this.#routes].map(([route, steps]) => textOf(route, steps)).join(''));
  }
}

/** A route as text: each step with the rows that it changed, or the first step after which the screen was the same. */
function textOf(route: string, steps: readonly Step[]): string {
  const lines = steps.map(({ name, screen }, index) => {
    const rows = difference(steps[index - 1]?.screen ?? [], screen);
    const firsts = steps.slice(0, index).filter((step, at) => steps.findIndex((one) => one.name === step.name) === at);
    const earlier = firsts.find((step) => isSame(step.screen, screen));
    return rows.size > 1 && earlier ? `${STEP}${name} (as after ${earlier.name})\n` : `${STEP}${name}\n${told(rows)}`;
  });
  return `${ROUTE}${route}\n${lines.join('')}`;
}

function routesOf(text: string): Map<string, Step[]> {
  const routes = new Map<string, { name: string; screen: string[] }[]>();
  for (const line of text.split('\n')) {
    const steps = [...routes.values()].at(-1);
    const [, name, first] = /^--- (.*?)(?: \(as after (.*)\))?$/.exec(line) ?? [];
    const [, y, row] = /^ *(\d+)│(.*)$/.exec(line) ?? [];
    if (line.startsWith(ROUTE)) routes.set(line.slice(ROUTE.length), []);
    else if (name !== undefined) {
      const screen = first === undefined ? steps?.at(-1)?.screen : steps?.find((step) => step.name === first)?.screen;
      steps?.push({ name, screen: [...(screen ?? [])] });
    } else if (y !== undefined) steps?.at(-1)?.screen.splice(Number(y), 1, row ?? '');
  }
  return routes;
}

export interface Walk {
  /**
   * Resolves when the terminal shows the screen after the step: false when that is the screen before. Writes it where that is asked for; a step that
   * is seen is then waited for.
   */
  see(step: string, isSeen: boolean): Promise<boolean>;
}

/** Row number and text of each row that is another one. */
function difference(before: readonly string[], after: readonly string[]): Map<number, string> {
  return new Map([...after.entries()].filter(([y, row]) => row !== before[y]));
}

function told(rows: ReadonlyMap<number, string>): string {
  return [...rows].map(([y, row]) => `${String(y).padStart(2)}│${row}\n`).join('');
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.join('\n') === b.join('\n');
}

/** The screen once it stands still, and is another than that which was left. */
async function quiet(now: () => string[], left: readonly string[]): Promise<string[]> {
  for (let before = '', looks = 0; ; looks++) {
    const rows = now();
    const isOther = rows.join('\n') !== left.join('\n') || looks >= LOOKS;
    // The last two tell the marks; a terminal in which nothing stands yet is no screen.
    const isBlank = rows.slice(0, -2).join('').trim() === '';
    if (isOther && !isBlank && rows.join('\n') === before) return rows;
    before = rows.join('\n');
    await new Promise((resolve) => setTimeout(resolve, QUIET));
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
    .replace(/\b\d{4}-\d\d-\d\d\b/g, 'yyyy-mm-dd')
    .replace(/\b\d\d:\d\d(?::\d\d)?\b/g, 'hh:mm');
}
