// Owns what the server is told of this client's colours, for programs that ask: the terminal's own, in which panes are drawn, else the theme's.
import type { Client } from '../../client/client.ts';
import type { Reply } from '../input/input-event.ts';
import type { ThemeColors } from '../theme/theme.ts';

/** `#rrggbb` of an answer such as `rgb:ffff/8080/0000`, of 1 to 4 digits each; null when it is none. */
function rgbOf(value = ''): string | null {
  const parts = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(value);
  if (parts === null) return null;
  const part = (digits = ''): string =>
    Math.round((Number.parseInt(digits, 16) * 255) / (16 ** digits.length - 1))
      .toString(16)
      .padStart(2, '0');
  return `#${part(parts[1])}${part(parts[2])}${part(parts[3])}`;
}

export class ColorTeller {
  readonly #answers = new Map<string, string>();
  #isSettled = false;
  #client: Pick<Client, 'call'> | null = null;
  #told = '';

  /** An answer of the terminal. True for a light/dark change: its colours are to be asked again. */
  hear(reply: Reply): boolean {
    if (reply.kind === 'color') this.#answers.set(reply.target, reply.value);
    return reply.kind === 'color-scheme';
  }

  /** The terminal has answered what it will answer; before that nothing is told. */
  settle(): void {
    this.#isSettled = true;
  }

  /** Tells the server, when it has not been told the same before. */
  tell(client: Pick<Client, 'call'> | null, theme: ThemeColors | null): void {
    const colors = this.#own() ?? theme;
    if (!this.#isSettled || client === null || colors === null) return;
    const text = JSON.stringify(colors);
    if (client === this.#client && text === this.#told) return;
    this.#client = client;
    this.#told = text;
    // A loss of the connection tells of itself.
    client.call('pane.palette', colors).catch(() => undefined);
  }

  #own(): ThemeColors | null {
    const [foreground, background, cursor] = ['10', '11', '12'].map((target) => rgbOf(this.#answers.get(target)));
    // One without the other could be the same.
    if (!foreground || !background) return null;
    const ansi = Array.from({ length: 16 }, (_, index) => rgbOf(this.#answers.get(`4;${index}`))).flatMap(
      (color) => color ?? [],
    );
    return { foreground, background, ...(cursor ? { cursor } : {}), ...(ansi.length === 16 ? { ansi } : {}) };
  }
}
