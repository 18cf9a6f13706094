// Owns character widths: the grapheme tables of the emulator, loaded so that they are right under Node.
import { createRequire } from 'node:module';
import type { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import type { IUnicodeVersionProvider, Terminal } from '@xterm/headless';

const require = createRequire(import.meta.url);

interface WidthTable {
  wcwidth(codePoint: number): number;
}

type AddonClass = typeof UnicodeGraphemesAddon;

/**
 * The addon decodes its table with `new DataView(Buffer.from(base64).buffer)`. With Node's pooled buffers that is the whole pool, so that the
 * widths depend on what was allocated before. With no pool each buffer owns its memory, and the table is read from its own start.
 */
function withoutPool<T>(make: () => T): T {
  const size = Buffer.poolSize;
  Buffer.poolSize = 0;
  try {
    return make();
  } finally {
    Buffer.poolSize = size;
  }
}

/** A code point's kind in bits 3 and up, its width in bits 1 and 2, whether it joins what is before it in bit 0. */
interface WidthProvider extends WidthTable {
  readonly version: string;
  charProperties(codePoint: number, preceding: number): number;
}

const WIDTH_MASK = 0b110;
const WIDTH_2 = 2 << 1;
const EMOJI_FROM = 0x1f600;
const EMOJI_TO = 0x1faff;

/** Emoji that are wide by themselves and younger than the addon's table, which takes them for letters of one column. */
function youngEmoji(table: WidthTable): ReadonlySet<number> {
  const young = new Set<number>();
  for (let code = EMOJI_FROM; code <= EMOJI_TO; code += 1)
    if (table.wcwidth(code) === 1 && /^\p{Emoji_Presentation}$/u.test(String.fromCodePoint(code))) young.add(code);
  return young;
}

/** The addon's widths with the emoji of later years. It keeps no state: all terminals share one. */
function withYoungEmoji(provider: WidthProvider): WidthProvider {
  const young = youngEmoji(provider);
  return {
    version: `${provider.version}-young`,
    wcwidth: (code) => (code >= EMOJI_FROM && young.has(code) ? 2 : provider.wcwidth(code)),
    charProperties: (code, preceding) => {
      const properties = provider.charProperties(code, preceding);
      return code >= EMOJI_FROM && young.has(code) ? (properties & ~WIDTH_MASK) | WIDTH_2 : properties;
    },
  };
}

let shared: WidthProvider | null = null;

function loadProvider(terminal: Terminal): WidthProvider {
  withoutPool(() => {
    const { UnicodeGraphemesAddon: Addon } = require('@xterm/addon-unicode-graphemes') as {
      UnicodeGraphemesAddon: AddonClass;
    };
    terminal.loadAddon(new Addon());
    // The table is decoded at its first use.
    serviceOf(terminal).wcwidth(0x1f600);
  });
  const provider = serviceOf(terminal)._activeProvider;
  if (typeof provider?.charProperties !== 'function')
    throw new Error('@xterm/headless is not the version Drover is made for: its widths are not where they were');
  return withYoungEmoji(provider);
}

function serviceOf(terminal: Terminal): WidthTable & { readonly _activeProvider?: WidthProvider } {
  return (terminal as unknown as { _core: { unicodeService: WidthTable & { _activeProvider?: WidthProvider } } })._core
    .unicodeService;
}

/** Gives `terminal` grapheme clusters and the widths of Unicode 15, of emoji those that this Node knows. Throws when the table came out wrong. */
export function useGraphemes(terminal: Terminal): void {
  shared ??= loadProvider(terminal);
  terminal.unicode.register(shared as unknown as IUnicodeVersionProvider);
  terminal.unicode.activeVersion = shared.version;
  // U+1F600 is the first one to go wrong: outside the basic plane, two columns wide.
  const width = serviceOf(terminal).wcwidth(0x1f600);
  if (width !== 2)
    throw new Error(`@xterm/addon-unicode-graphemes was loaded with a broken table: U+1F600 is ${width} wide, not 2`);
}
