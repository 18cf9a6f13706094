// Owns the tests of lists that have sub-tasks under their parents.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { underParents } from '../../../src/domain/subtask.ts';
import { makeTask } from '../../helpers/task.ts';

const task = (id: string, parentId: string | null = null) => makeTask({ id, parentId });
const drawn = (...tasks: ReturnType<typeof task>[]): string[] =>
  underParents(tasks).map(({ task: { id }, lead }) => lead + id);

test('children stand under their parent, in the order of the list, and grandchildren under them', () => {
  const list = [task('c', 'a'), task('b'), task('a'), task('e', 'c'), task('d', 'a'), task('f', 'c')];
  expect(drawn(...list)).toEqual(['b', 'a', '├ c', '│ ├ e', '│ └ f', '└ d']);
});

test('a child whose parent is not in the list stays where it is, marked, with its own under it', () => {
  expect(drawn(task('b'), task('e', 'c'), task('g', 'e'), task('a'))).toEqual(['b', '↳ e', '└ g', 'a']);
});

test('no task is lost or doubled, and those without a family keep their order', () => {
  const ids = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  fc.assert(
    fc.property(ids, fc.array(fc.nat(), { minLength: 41, maxLength: 41 }), (numbers, parents) => {
      // A parent has a smaller number, so that nobody is their own ancestor.
      const parentOf = (n: number): string | null =>
        (parents[n] ?? 0) % (n + 2) < n ? `t${(parents[n] ?? 0) % (n + 2)}` : null;
      const list = numbers.map((n) => task(`t${n}`, parentOf(n)));
      const shown = underParents(list).map(({ task: { id } }) => id);
      expect([...shown].sort()).toEqual(list.map(({ id }) => id).sort());
      const parentsOfList = new Set(list.map(({ parentId }) => parentId));
      const alone = list.filter(({ id, parentId }) => parentId === null && !parentsOfList.has(id)).map(({ id }) => id);
      expect(shown.filter((id) => alone.includes(id))).toEqual(alone);
    }),
  );
});
