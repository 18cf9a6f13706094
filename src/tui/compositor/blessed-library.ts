// Owns the loading of blessed: only the two of its forty widgets that are used, which takes half the time.
import { createRequire } from 'node:module';
import type { Widgets } from 'blessed';

const require = createRequire(import.meta.url);

/** What is used of blessed, with what its types do not tell. */
interface Library {
  readonly screen: (options: Widgets.IScreenOptions) => Widgets.Screen;
  readonly box: (options: Widgets.BoxOptions) => Widgets.BoxElement;
  readonly tput: { ipaths: string[] };
  readonly unicode: { strWidth: (text: string) => number; chars: { all: unknown } };
}

export const blessed: Library = {
  screen: require('blessed/lib/widgets/screen') as Library['screen'],
  box: require('blessed/lib/widgets/box') as Library['box'],
  tput: require('blessed/lib/tput') as Library['tput'],
  unicode: require('blessed/lib/unicode') as Library['unicode'],
};
