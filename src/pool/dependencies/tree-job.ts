// Owns the work on trees of tens of thousands of files: each job is done by a process of its own, so that no event loop waits for it.
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { findDamage } from './check-tree.ts';
import { listTree, readManifest, writeManifest } from './manifest.ts';
import { type SealedTree, type SealRequest, sealTree } from './seal.ts';
import { type Method, removeTree, shareTree } from './share-tree.ts';
import { readStamps, type Stamps, writeStamps } from './stamp.ts';

/** What a manifest's list comes to. Bytes on the disk. */
export interface Sealed {
  readonly roots: readonly string[];
  readonly files: number;
  readonly shared: number;
  readonly own: number;
  readonly linked: number;
  readonly hash: string;
}

interface ManifestAt {
  readonly path: string;
  readonly hash: string;
}

/** A generation. */
interface TreeAt {
  readonly manifest: ManifestAt;
  readonly tree: string;
}

export type TreeJob =
  /** A finished build becomes a generation; its manifest is written to `into`. It shares what it can with `earlier` generations. */
  | ({ readonly job: 'seal'; readonly into: string; readonly earlier: readonly TreeAt[] } & SealRequest)
  /** A tree that a package manager installed in place is listed into `into`. */
  | { readonly job: 'list'; readonly worktree: string; readonly roots: readonly string[]; readonly into: string }
  /** A generation is checked, and a worktree brought to it. */
  | {
      readonly job: 'share';
      readonly manifest: ManifestAt;
      /** null: installed in place; see shareTree. */
      readonly tree: string | null;
      readonly worktree: string;
      readonly method: Method;
      /** The file of the stamps; read when `isKnown`, written when all is done. */
      readonly stamps: string;
      /** The worktree was brought to the same generation before. */
      readonly isKnown: boolean;
      /** How the generation is looked at before: not at all, by what lstat says, or by reading it. */
      readonly check: 'none' | 'quick' | 'deep';
      readonly trash: string;
    }
  /** A generation is looked at. */
  | { readonly job: 'check'; readonly manifest: ManifestAt; readonly tree: string; readonly isDeep: boolean }
  | { readonly job: 'remove'; readonly paths: readonly string[] };

export type TreeAnswer =
  | { readonly kind: 'sealed'; readonly sealed: Sealed }
  /** `changed` counts what was made or taken away. */
  | { readonly kind: 'shared'; readonly changed: number }
  /** Files that are not what they were; of a tree that was installed in place, or of a generation. */
  | { readonly kind: 'damaged'; readonly files: readonly string[] }
  | { readonly kind: 'done' };

/** Does one job. */
export function doTreeJob(job: TreeJob): TreeAnswer {
  switch (job.job) {
    case 'seal':
      return { kind: 'sealed', sealed: write(sealTree(job, job.earlier.flatMap(readTree)), job.into) };
    case 'list': {
      const options = { isOwn: () => false, digests: false };
      return { kind: 'sealed', sealed: write(listTree(job.worktree, job.roots, options), job.into) };
    }
    case 'share':
      return share(job);
    case 'check':
      return check(job);
    case 'remove':
      for (const path of job.paths) removeTree(path);
      return { kind: 'done' };
  }
}

/** Nothing for one that has gone, or is damaged. */
function readTree({ manifest: at, tree }: TreeAt): SealedTree[] {
  const manifest = readManifest(at.path, at.hash);
  return manifest === null ? [] : [{ tree, manifest }];
}

function write(manifest: ReturnType<typeof listTree>, into: string): Sealed {
  const { text, hash } = writeManifest(manifest);
  writeFileSync(into, text, { mode: 0o600, flush: true });
  const { roots, files, shared, own, linked } = manifest;
  return { roots, files, shared, own, linked, hash };
}

function check({ manifest: at, tree, isDeep }: Extract<TreeJob, { job: 'check' }>): TreeAnswer {
  const manifest = readManifest(at.path, at.hash);
  const files = manifest === null ? [at.path] : findDamage(tree, manifest, isDeep);
  return files.length === 0 ? { kind: 'done' } : { kind: 'damaged', files };
}

function share(job: Extract<TreeJob, { job: 'share' }>): TreeAnswer {
  const manifest = readManifest(job.manifest.path, job.manifest.hash);
  if (manifest === null) return { kind: 'damaged', files: [job.manifest.path] };
  const damaged = job.tree === null || job.check === 'none' ? [] : findDamage(job.tree, manifest, job.check === 'deep');
  if (damaged.length > 0) return { kind: 'damaged', files: damaged };
  // Without them everything is looked at.
  const stamps = (job.isKnown && readStamps(job.stamps)) || NO_STAMPS;
  const done = shareTree({ ...job, manifest, stamps });
  if (done.broken.length > 0) return { kind: 'damaged', files: done.broken };
  writeStamps(job.stamps, done.stamps);
  return { kind: 'shared', changed: done.changed };
}

const NO_STAMPS: Stamps = { folders: {}, files: {} };

/** The role `__tree`: one job as JSON on standard input, its answer on standard output. Gives the exit code. */
export function runTreeJob(): number {
  try {
    setPriority(10);
  } catch {
    // Only slower for the others.
  }
  const job = JSON.parse(readFileSync(0, 'utf8')) as TreeJob;
  writeFileSync(1, JSON.stringify(doTreeJob(job)));
  return 0;
}
