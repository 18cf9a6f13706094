// Owns the compositor's own tables of strings and styles, which outlive the tables of single frames and stay bounded.
import type { ExtendedStyle } from '../../protocol/cells.ts';

/** Beyond this many entries the tables are rebuilt from what is on the screen. More than any screen has cells that need one. */
const LARGE = 32_768;
/** Schemes that a click may open; anything else an agent prints stays text. Printable ASCII, as OSC 8 asks. */
const SAFE_LINK = /^(?:https?|file|mailto):[\x21-\x7e]{1,2000}$/i;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;
const PLAIN: ExtendedStyle = { underline: 0, underlineColor: 0, link: '' };

/** The emulator's -1 for "no underline colour" (SGR 59), cut to 26 bits. It is also white, which it is then taken not to be. */
const NO_UNDERLINE_COLOR = 0x3ffffff;

/** Takes no column in any terminal: marks, joiners, selectors. */
const WIDTHLESS = /[\p{Mn}\p{Me}\p{Cf}]/gu;

/** The most columns that any terminal gives a text: two for each of its code points. */
function widestOf(text: string): number {
  return 2 * [...text.replace(WIDTHLESS, '')].length;
}

export class CellTables {
  #strings: string[] = [''];
  /** For each string, the most columns that a terminal may give it. */
  #widest: number[] = [0];
  #stringIds = new Map<string, number>();
  #styles: ExtendedStyle[] = [PLAIN];
  #styleIds = new Map<string, number>();
  #known = new WeakMap<ExtendedStyle, number>();

  get isLarge(): boolean {
    return this.#strings.length > LARGE || this.#styles.length > LARGE;
  }

  string(id: number): string {
    return this.#strings[id] ?? '';
  }

  /** The most columns that a terminal may give a string. */
  widest(id: number): number {
    return this.#widest[id] ?? 0;
  }

  style(id: number): ExtendedStyle {
    return this.#styles[id] ?? PLAIN;
  }

  /** The id of a cell's text; controls in it are cut. 0 when nothing is left. */
  stringId(text: string): number {
    const known = this.#stringIds.get(text);
    if (known !== undefined) return known;
    const clean = text.replace(CONTROLS, '');
    if (clean === '') return 0;
    const id = this.#strings.push(clean) - 1;
    this.#widest.push(widestOf(clean));
    this.#stringIds.set(text, id);
    return id;
  }

  /** The id of a style; 0 when it says nothing. A link of another scheme than http, https, file and mailto is dropped. */
  styleId(style: ExtendedStyle | undefined): number {
    if (style === undefined) return 0;
    const known = this.#known.get(style);
    if (known !== undefined) return known;
    const link = SAFE_LINK.test(style.link) ? style.link : '';
    const underlineColor = style.underlineColor === NO_UNDERLINE_COLOR ? 0 : style.underlineColor;
    const key = `${style.underline} ${underlineColor} ${link}`;
    let id = this.#styleIds.get(key);
    if (id === undefined) {
      id = key === '0 0 ' ? 0 : this.#styles.push({ underline: style.underline, underlineColor, link }) - 1;
      this.#styleIds.set(key, id);
    }
    this.#known.set(style, id);
    return id;
  }

  /** Empties the tables. Returns what the ids meant, for the caller to enter again what it still needs. */
  reset(): { readonly strings: readonly string[]; readonly styles: readonly ExtendedStyle[] } {
    const old = { strings: this.#strings, styles: this.#styles };
    this.#strings = [''];
    this.#widest = [0];
    this.#stringIds = new Map();
    this.#styles = [PLAIN];
    this.#styleIds = new Map();
    this.#known = new WeakMap();
    return old;
  }
}
