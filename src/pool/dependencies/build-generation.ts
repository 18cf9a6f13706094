// Owns the making of a generation: installed in the worktree that wants it first, where sources, patches and workspaces are as they should be; then moved aside, sealed and published.
import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../store/file-layer.ts';
import { type Generation, MANIFEST, TREE } from './generations.ts';
import { InstallFailure, runStep, type Site } from './run-step.ts';
import { discard } from './share-tree.ts';
import { isFolderWithin, type Step } from './steps.ts';
import type { Sealed } from './tree-job.ts';
import { hideFromGit, ignoredOf, tidy, trackedOf, untrackedIn } from './untracked.ts';

/** Installs, and gives the roots that came of it. Throws InstallFailure. */
export async function installIn(site: Site, step: Step): Promise<string[]> {
  const trash = site.generations.trashFolder();
  const found = await untrackedIn(site.worktree);
  // What an earlier install left half-done; a package manager would take its time to remove it.
  for (const name of found)
    if (isOutput(step, name)) discard(join(site.worktree, name), join(trash, name.replaceAll('/', '-')));
  const before = await untrackedIn(site.worktree);
  await runStep(site, step, step.commands);
  const roots = await outputsOf(site, step, before);
  const bare = await hideFromGit(site.worktree, roots);
  if (bare.length > 0)
    throw new InstallFailure(
      `the output ${bare[0]} of ${step.id} is a file that git does not ignore, so it would be committed`,
    );
  await tidy(site.repository, site.worktree);
  return roots;
}

/** What a step makes, by its name alone. */
function isOutput(step: Step, name: string): boolean {
  if (step.outputs !== null) return step.outputs.includes(name);
  return basename(name) === 'node_modules' && (step.folder === '' || name.startsWith(`${step.folder}/`));
}

async function outputsOf(site: Site, step: Step, before: ReadonlySet<string>): Promise<string[]> {
  if (step.outputs !== null) {
    for (const output of step.outputs) await checkOutput(site, step, output);
    return [...step.outputs];
  }
  const made = [...(await untrackedIn(site.worktree))].filter((name) => !before.has(name));
  const ignored = await ignoredOf(site.worktree, made);
  // Sorted, so that a root comes before what is in it.
  const roots: string[] = [];
  for (const name of made.filter((each) => basename(each) === 'node_modules' || ignored.has(each)).sort()) {
    if (!roots.some((root) => name.startsWith(`${root}/`))) roots.push(name);
  }
  return roots;
}

async function checkOutput(site: Site, step: Step, output: string): Promise<void> {
  const where = `the output ${output} of ${step.id}`;
  if (!existsSync(join(site.worktree, output))) throw new InstallFailure(`${where} was not made`);
  const parent = dirname(output);
  if (parent !== '.' && !isFolderWithin(site.worktree, parent))
    throw new InstallFailure(`${where} is reached by a link`);
  if ((await trackedOf(site.worktree, [output])).has(output)) throw new InstallFailure(`${where} is tracked by git`);
}

/** Makes the generation of a step's key; the worktree is then without it. Throws InstallFailure. */
export async function buildGeneration(site: Site, step: Step): Promise<Generation> {
  const roots = await installIn(site, step);
  const build = site.generations.begin();
  for (const root of roots) moveTree(join(site.worktree, root), join(build, TREE, root));
  const sealed = await sealBuild(site, step, { build, roots });
  return site.generations.publish(build, step.key, step.id, sealed);
}

/** More than the lock files that a session goes to and fro between would only cost time. */
const MOST_EARLIER = 2;

async function sealBuild(
  site: Site,
  step: Step,
  { build, roots }: { build: string; roots: readonly string[] },
): Promise<Sealed> {
  const earlier = site.generations
    .list()
    .filter((each) => each.step === step.id)
    .slice(0, MOST_EARLIER)
    .map(({ folder, hash }) => ({ manifest: { path: join(folder, MANIFEST), hash }, tree: join(folder, TREE) }));
  const [tree, into] = [join(build, TREE), join(build, MANIFEST)];
  const answer = await site.work({ job: 'seal', tree, roots, builtIn: site.worktree, into, earlier });
  if (answer.kind !== 'sealed') throw new Error(`a seal was answered with ${answer.kind}`);
  return answer.sealed;
}

function moveTree(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  try {
    renameSync(from, to);
  } catch (error) {
    // The worktree is on another file system, as one of an overlay is.
    if (errorCode(error) !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  }
}
