// Owns the layers of slots that are overlays: the folder of changes over a golden tree.
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GOLDENS, TREE } from './goldens.ts';
import { isMounted, mountOverlay, mountsBeneath, unmountBeneath } from './mounts.ts';
import { TreeRecords } from './tree-records.ts';

/** Where everything of copy-on-write lies: among the worktrees, on their file system. */
export const HOME = '.copy-on-write';

/** In that home: the records of slots, and the layers. */
export const SLOTS = 'slots';
export const LAYERS = 'layers';
/** In a layer: what was changed. */
export const UPPER = 'upper';

interface LayerPlan {
  /** The home of copy-on-write, without symbolic links. */
  readonly home: string;
  /** Where it is mounted. */
  readonly point: string;
  readonly golden: { readonly number: number; readonly over: number | null };
  readonly layer: string;
}

/** Makes a new layer, with nothing in it, and mounts it. */
export async function mountLayer(plan: LayerPlan): Promise<void> {
  const folder = join(plan.home, LAYERS, plan.layer);
  for (const name of [UPPER, 'work']) mkdirSync(join(folder, name), { recursive: true });
  mkdirSync(plan.point, { recursive: true });
  await mountOverlay(plan.point, { home: plan.home, ...partsOf(plan) });
}

/**
 * Mounts a layer that a reboot or a person unmounted; does nothing when it is mounted as it should be. What was written to
 * the empty folder meanwhile is moved aside, and said in words. Throws when a part of the layer is gone.
 */
export async function restoreLayer(plan: LayerPlan): Promise<string | null> {
  const parts = partsOf(plan);
  if (isMounted(plan.point, `upperdir=${parts.upper}`)) return null;
  for (const name of [...parts.lower.split(':'), parts.upper]) statSync(join(plan.home, name));
  await unmountBeneath(plan.point);
  const said = moveAside(plan.point);
  for (const folder of [plan.point, join(plan.home, parts.work)]) mkdirSync(folder, { recursive: true });
  await mountOverlay(plan.point, { home: plan.home, ...parts });
  return said;
}

/** The folder of changes of a layer that is mounted at a point, alone and with nothing mounted beneath it; null when that is not so. */
export function soleUpper({ home, point, layer }: Omit<LayerPlan, 'golden'>): string | null {
  const upper = join(LAYERS, layer, UPPER);
  const [mount, ...others] = mountsBeneath(point);
  const isIt = mount?.point === point && mount.options.includes(`upperdir=${upper}`);
  return isIt && others.length === 0 ? join(home, upper) : null;
}

function moveAside(point: string): string | null {
  if (!existsSync(point) || readdirSync(point).length === 0) return null;
  const aside = `${point}.lost-${Date.now()}`;
  renameSync(point, aside);
  return `what was written to ${point} while it was not mounted is now in ${aside}`;
}

function partsOf({ golden, layer }: LayerPlan): { lower: string; upper: string; work: string } {
  const at = join(LAYERS, layer);
  const lower = [golden.number, ...(golden.over === null ? [] : [golden.over])];
  return {
    lower: lower.map((number) => join(GOLDENS, String(number), TREE)).join(':'),
    upper: join(at, UPPER),
    work: join(at, 'work'),
  };
}

/**
 * Unmounts the slots that a killed server was making. The repository is opened afterwards: its sweep takes half-made worktrees
 * away, which it cannot as long as something is mounted there. Gives nothing and costs nothing where no slot was ever mounted.
 */
export async function unmountHalfMade(dataHome: string): Promise<void> {
  const folder = join(dataHome, 'worktrees');
  if (!existsSync(join(folder, HOME, SLOTS))) return;
  const worktrees = realpathSync(folder);
  for (const [id, { isReady }] of new TreeRecords(join(worktrees, HOME, SLOTS)).all()) {
    if (!isReady) await unmountBeneath(join(worktrees, id));
  }
}

/** The folders of all layers, also of those that no slot has any more. */
export function layersIn(home: string): string[] {
  const folder = join(home, LAYERS);
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}
