// Owns where the words of the scrolling and choosing commands lead, in whatever list or text.
import type { StepWord } from './command.ts';

/** Where a step leads from `at` in a list or a text of `count` places, of which `page` make a page; it never leaves it, and is 0 where there is none. */
export function stepTo(at: number, to: StepWord, count: number, page: number): number {
  const steps: Readonly<Record<StepWord, number>> = {
    up: at - 1,
    down: at + 1,
    'page-up': at - page,
    'page-down': at + page,
    top: 0,
    bottom: count - 1,
  };
  return Math.max(0, Math.min(count - 1, steps[to]));
}
