// Owns whose colours the programs in panes are told: those of the client that offered its own first, as long as it is there.
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
  /** In the order in which the clients came. */
  readonly #offers = new Map<object, PaneColors>();
  #colors: PaneColors;

  constructor(fallback: PaneColors, onChange: (colors: PaneColors) => void) {
    this.#fallback = this.#colors = fallback;
    this.#onChange = onChange;
  }

  get colors(): PaneColors {
    return this.#colors;
  }

  /** True when the colours are told from now on; otherwise they wait until those who came before are gone. A client may offer others later. */
  offer(client: object, offered: OfferedColors): boolean {
    const foreground = parse(offered.foreground);
    this.#offers.set(client, {
      foreground,
      background: parse(offered.background),
      cursor: offered.cursor === undefined ? foreground : parse(offered.cursor),
      ansi: offered.ansi?.map(parse) ?? this.#fallback.ansi,
    });
    this.#look();
    return this.#offers.keys().next().value === client;
  }

  /** The client is gone. The colours of the last one stay until another comes. */
  leave(client: object): void {
    this.#offers.delete(client);
    this.#look();
  }

  #look(): void {
    const first = this.#offers.values().next().value;
    if (first === undefined || first === this.#colors) return;
    this.#colors = first;
    this.#onChange(first);
  }
}

function parse(color: string): number {
  return Number.parseInt(color.slice(1), 16);
}
