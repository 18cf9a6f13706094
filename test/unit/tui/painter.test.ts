// Owns the proof that rows painted past blessed look as if blessed had rendered them, whatever changes and whatever lies over them.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBlessedScreen } from '../../../src/tui/compositor/blessed-screen.ts';
import { Compositor } from '../../../src/tui/compositor/compositor.ts';
import type { Message } from '../../../src/tui/message.ts';
import type { Model } from '../../../src/tui/model.ts';
import { capabilitiesFrom } from '../../../src/tui/outer/capabilities.ts';
import { Painter, type Shows } from '../../../src/tui/view/painter.ts';
import { sceneOf } from '../../../src/tui/view/scene.ts';
import { busyHistory, key, modelOf, steps } from './model-fixture.ts';

const SIZE = { columns: 120, rows: 40 };
const CAPABILITIES = capabilitiesFrom({ TERM: 'xterm-256color', COLORTERM: 'truecolor' });

/** Shows the models one after the other; the screens as bytes, and what each showing did. */
function screensOf(models: readonly Model[], isForced: boolean): { screens: string[]; shows: Shows[] } {
  const { columns: cols, rows } = SIZE;
  const compositor = new Compositor(cols, rows, CAPABILITIES);
  const blessed = createBlessedScreen({ cols, rows, compositor, onDamage: () => {} });
  const shows: Shows[] = [];
  const first = models[0] ?? modelOf(busyHistory(), SIZE);
  const painter = new Painter(blessed, compositor, first.theme);
  const screens = models.map((model) => {
    painter.setTheme(model.theme);
    shows.push(painter.show(sceneOf(model), isForced));
    compositor.invalidate();
    return compositor.flush(null)?.toString('utf8') ?? '';
  });
  blessed.destroy();
  return { screens, shows };
}

type Act = { readonly wait: number } | { readonly keys: readonly string[] };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 90_000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      keys: fc.constantFrom(
        ['C-g', '?'],
        ['C-g', ':'],
        ['C-g', 'c'],
        ['Escape'],
        ['a', '域', 'é'],
        ['C-g', 'o'],
        ['C-g', 'z'],
        ['C-g', 'T'],
        ['C-g', 'Space'],
        ['C-g', 'q'],
        ['j'],
        ['C-g', '/'],
      ),
    }),
  },
);

function modelsOf(acts: readonly Act[]): Model[] {
  let model = modelOf(busyHistory(), SIZE);
  return [model, ...acts.map(step)];

  function step(next: Act): Model {
    const messages: Message[] = 'keys' in next ? next.keys.map(key) : [{ type: 'ticked' }];
    const now = 'wait' in next ? model.now + next.wait : model.now;
    [model] = steps({ ...model, now }, ...messages);
    return model;
  }
}

it('rows painted one by one make the screen that a rendering of all makes', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
      const models = modelsOf(acts);
      expect(screensOf(models, false).screens).toEqual(screensOf(models, true).screens);
    }),
    { numRuns: 40 },
  );
});

it('the clock alone never has blessed render', () => {
  const models = modelsOf([{ wait: 1000 }, { wait: 1000 }, { wait: 60_000 }, { wait: 0 }]);
  expect(screensOf(models, false).shows).toEqual(['all', 'rows', 'rows', 'rows', 'same']);
});
