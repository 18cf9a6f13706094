// Owns the loading of blessed: only the two of its forty widgets that are used, which takes half the time.
import { createRequire } from 'node:module';
import type { Widgets } from 'blessed';

const require = createRequire(import.meta.url);

/** What is used of blessed, with what its types do not tell. */
interface Library {
  readonly screen: (options: Widgets.IScreenOptions) => Widgets.Screen;
  readonly box: (options: Widgets.BoxOptions) => Widgets.BoxElement;
  readonly unicode: { strWidth: (text: string) => number; chars: { all: unknown } };
}

/** What blessed asks of a terminal's description, of which the bytes lead nowhere. */
const DESCRIPTION = { bools: {}, numbers: {}, strings: {}, features: { unicode: true }, unicode: true, colors: 256 };

/**
 * blessed reads only terminfo files of an old kind, falls to 8 colours on others, and compiles one for 12 ms. Nothing of it reaches a terminal,
 * so it gets a description that knows nothing, and capabilities that write nothing.
 */
function replaceDescription(program: { prototype: { tput: unknown; put: unknown; setupTput(): void } }): void {
  program.prototype.setupTput = function setupTput() {
    this.tput = new Proxy<object>(DESCRIPTION, { get: (known, name) => Reflect.get(known, name) ?? (() => '') });
    this.put = new Proxy({}, { get: () => () => true });
  };
}

replaceDescription(require('blessed/lib/program'));

export const blessed: Library = {
  screen: require('blessed/lib/widgets/screen') as Library['screen'],
  box: require('blessed/lib/widgets/box') as Library['box'],
  unicode: require('blessed/lib/unicode') as Library['unicode'],
};
