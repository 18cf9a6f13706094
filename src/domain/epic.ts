// Owns what an epic is: a named group of tasks.
import type { EpicId } from './task.ts';

export interface Epic {
  readonly id: EpicId;
  readonly title: string;
  readonly description: string;
  readonly createdBy: string;
  readonly createdAt: number;
}
