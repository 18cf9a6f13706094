// Owns character widths: the grapheme tables of the emulator, loaded so that they are right under Node.
import { createRequire } from 'node:module';
import type { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import type { IUnicodeVersionProvider, Terminal } from '@xterm/headless';
import { isWide } from '../domain/wide.ts';

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
const WIDTH_1 = 1 << 1;
const WIDTH_2 = 2 << 1;
const JOINS = 1;
/** Of the characters before, all that are wide are so in the addon's table too, and none is invisible. */
const CORRECTED_FROM = 0x200b;

/** Format characters that break clusters: spaces of no width, directions, invisible operators. */
function isInvisible(code: number): boolean {
  if (code > 0x206f) return code === 0xfeff;
  return (
    code >= 0x2060 || (code <= 0x202e && (code >= 0x202a || (code <= 0x200f && code !== 0x200c && code !== 0x200d)))
  );
}

/**
 * The addon's widths (Unicode 15) with what has become wide since, and without a column for what is invisible: that goes to the cell before it,
 * if there is one. It keeps no state: all terminals share one.
 */
function corrected(provider: WidthProvider): WidthProvider {
  return {
    version: `${provider.version}-corrected`,
    wcwidth: (code) => {
      const width = provider.wcwidth(code);
      if (width !== 1 || code < CORRECTED_FROM) return width;
      return isInvisible(code) ? 0 : isWide(code) ? 2 : 1;
    },
    charProperties: (code, preceding) => {
      const properties = provider.charProperties(code, preceding);
      if (code < CORRECTED_FROM || (properties & WIDTH_MASK) !== WIDTH_1) return properties;
      if (isWide(code)) return (properties & ~WIDTH_MASK) | WIDTH_2;
      return preceding !== 0 && isInvisible(code) ? (preceding & WIDTH_MASK) | JOINS : properties;
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
  return corrected(provider);
}

function serviceOf(terminal: Terminal): WidthTable & { readonly _activeProvider?: WidthProvider } {
  return (terminal as unknown as { _core: { unicodeService: WidthTable & { _activeProvider?: WidthProvider } } })._core
    .unicodeService;
}

/** Gives `terminal` grapheme clusters and the widths of protocol/wide.ts. Throws when the table came out wrong. */
export function useGraphemes(terminal: Terminal): void {
  shared ??= loadProvider(terminal);
  terminal.unicode.register(shared as unknown as IUnicodeVersionProvider);
  terminal.unicode.activeVersion = shared.version;
  // U+1F600 is the first one to go wrong: outside the basic plane, two columns wide.
  const width = serviceOf(terminal).wcwidth(0x1f600);
  if (width !== 2)
    throw new Error(`@xterm/addon-unicode-graphemes was loaded with a broken table: U+1F600 is ${width} wide, not 2`);
}
