// Reduced motion as a person sees it: ages stand still between steps of ten seconds, whatever else is painted.
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { script, writes } from './script.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(async () => stage.strike());

/** A clock 13 times as fast as the wall's: an agent's title that changes once a second is painted every 13 s of it. */
const FAST = '--import=data:text/javascript,const{now}=Date;const{a}={a:now()};Date.now=()=>Math.round(a+13*(now()-a))';

test('with reduced motion ages change by ten seconds, also while an agent works', async () => {
  stage = await setStage({
    furnish: ({ env }) => {
      mkdirSync(`${env['HOME']}/.config/drover`, { recursive: true });
      writeFileSync(`${env['HOME']}/.config/drover/config.yaml`, 'motion: reduced\n');
      return {};
    },
  });
  const hold = { run: 'while ! git show-ref --quiet refs/heads/go; do sleep 0.05; done' };
  await stage.json(['add', 'Long', '--description', script(hold, ...writes('a', 'a\n'))]);
  await stage.json(['run', '--workers', '1', '--agent', 'rehearsal']);
  const terminal = stage.open(['attach'], { cols: 80, rows: 24 }, { NODE_OPTIONS: FAST });
  const ages = new Set<number>();
  await terminal.see((screen) => {
    const age = /· working (\d+)s/.exec(screen)?.[1];
    if (age !== undefined) ages.add(Number(age));
    return ages.size >= 4;
  }, 'four ages');
  // The first may have been counted from before the agent began: 0.
  expect(new Set([...ages].slice(1).map((age) => age % 10)).size).toBe(1);
  terminal.type('\x07d');
  expect(await terminal.exited).toBe(0);
});
