// Owns which view fills which sidebar of a layout: its title, and its rows for the room there is.
import type { SidebarName } from '../layout/leaf.ts';
import type { Model } from '../model.ts';
import { activityLines } from './activity.ts';
import { chartsLines } from './charts.ts';
import { gaugesLines } from './gauges.ts';
import type { Line } from './line.ts';
import { poolLines } from './pool-strip.ts';
import { sidebarLines } from './sidebar.ts';

interface SidebarContent {
  /** What stands on its title line. */
  readonly title: string;
  /** `height` rows of `width` cells. */
  lines(model: Model, width: number, height: number): Line[];
}

/** By the name of the leaf. A sidebar is added to SIDEBAR_NAMES and here. */
export const SIDEBAR_CONTENT: Readonly<Record<SidebarName, SidebarContent>> = {
  queue: { title: 'queue', lines: sidebarLines },
  gauges: { title: 'workers', lines: gaugesLines },
  charts: { title: 'charts', lines: chartsLines },
  activity: { title: 'activity', lines: activityLines },
  pool: { title: 'worktrees', lines: poolLines },
};
