// Owns whose theme the programs in panes are told: that of the client that offered one first, as long as it is there.
import type { PaneColors } from '../terminal/colors.ts';

/** Colours as `#rrggbb`. */
export interface OfferedColors {
  readonly foreground: string;
  readonly background: string;
  readonly cursor?: string | undefined;
  /** 16 of them. */
  readonly ansi?: readonly string[] | undefined;
}

export class PanePalette {
  readonly #onChange: (colors: PaneColors) => void;
  readonly #fallback: PaneColors;
  #owner: object | null = null;
  #colors: PaneColors;

  constructor(fallback: PaneColors, onChange: (colors: PaneColors) => void) {
    this.#fallback = this.#colors = fallback;
    this.#onChange = onChange;
  }

  get colors(): PaneColors {
    return this.#colors;
  }

  /** True when the colours are taken: nobody else's are. The same client may offer others later. */
  offer(client: object, offered: OfferedColors): boolean {
    if (this.#owner !== null && this.#owner !== client) return false;
    this.#owner = client;
    const foreground = parse(offered.foreground);
    this.#colors = {
      foreground,
      background: parse(offered.background),
      cursor: offered.cursor === undefined ? foreground : parse(offered.cursor),
      ansi: offered.ansi?.map(parse) ?? this.#fallback.ansi,
    };
    this.#onChange(this.#colors);
    return true;
  }

  /** The client is gone: the colours stay until another offers its own. */
  leave(client: object): void {
    if (this.#owner === client) this.#owner = null;
  }
}

function parse(color: string): number {
  return Number.parseInt(color.slice(1), 16);
}
