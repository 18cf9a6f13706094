// Owns the queue of the demonstration: three epics, and tasks that each bring a piece of the sample program.
import type { DemoTask } from '../cli/shell.ts';
import { describeRehearsed } from './rehearsed.ts';
import { COMMAND_LINE } from './tasks/command-line.ts';
import { READING_FILES } from './tasks/reading-files.ts';
import { REPORTS } from './tasks/reports.ts';

/** All tasks, each behind those it is blocked by. In whatever order they land, the sample's tests pass. */
export const DEMO_QUEUE: readonly DemoTask[] = [...READING_FILES, ...REPORTS, ...COMMAND_LINE].map(describeRehearsed);
