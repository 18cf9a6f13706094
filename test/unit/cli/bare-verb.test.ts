import { expect, test } from 'vitest';
import { parseBareVerb } from '../../../src/cli/bare-verb.ts';
import { parseWords } from '../../../src/cli/program.ts';
import { VERBS } from '../../../src/client/verbs.ts';

const CONTEXT = { version: '1', width: 80 };

test('every verb that needs no parser is parsed as the parser would', () => {
  const names = VERBS.flatMap((verb) => [verb.name, ...(verb.aliases ?? [])]).filter((name) => !name.includes(' '));
  const bare = names.filter((name) => parseBareVerb([name]) !== null);
  expect(bare).toEqual(expect.arrayContaining(['attach', 'run', 'status']));
  for (const name of bare) expect(parseBareVerb([name]), name).toEqual(parseWords([name], CONTEXT));
});

test.each([[[]], [['attach', '--json']], [['nothing']], [['add']], [['--help']], [['server']], [['epic']]])(
  '%j is left to the parser',
  (words) => {
    expect(parseBareVerb(words)).toBeNull();
  },
);
