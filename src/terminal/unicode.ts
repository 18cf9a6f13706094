// Owns character widths: the grapheme tables of the emulator, loaded so that they are right under Node.
import { createRequire } from 'node:module';
import type { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import type { Terminal } from '@xterm/headless';

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

let addonClass: AddonClass | null = null;

/** Gives `terminal` grapheme clusters and the widths of Unicode 15. Throws when the table came out wrong. */
export function useGraphemes(terminal: Terminal): void {
  withoutPool(() => {
    addonClass ??= (require('@xterm/addon-unicode-graphemes') as { UnicodeGraphemesAddon: AddonClass })
      .UnicodeGraphemesAddon;
    terminal.loadAddon(new addonClass());
  });
  terminal.unicode.activeVersion = '15-graphemes';
  const widths = (terminal as unknown as { _core: { unicodeService: WidthTable } })._core.unicodeService;
  // U+1F600 is the first one to go wrong: outside the basic plane, two columns wide.
  const width = widths.wcwidth(0x1f600);
  if (width !== 2)
    throw new Error(`@xterm/addon-unicode-graphemes was loaded with a broken table: U+1F600 is ${width} wide, not 2`);
}
