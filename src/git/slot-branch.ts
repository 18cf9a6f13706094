// Owns the branch of a slot that nobody holds, and how it becomes the branch of a task: a claim then touches nothing in git.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { branchName } from './names.ts';
import { areFiles, createRef, keepRef, keptBy, readRef, refInFiles, updateRefs } from './refs.ts';
import { checkoutsOf, type Repository } from './repository.ts';
import { git } from './runner.ts';
import { adminFolder, attachBranch, pointHead } from './worktree.ts';

interface SlotPlace {
  /** `worktree-3` */
  readonly id: string;
  readonly path: string;
}

/** `drover/worktree-3`: what a slot has checked out while nobody holds it. */
export function slotBranch(id: string): string {
  return `drover/${branchName(id)}`;
}

const refOf = (branch: string) => `refs/heads/${branchName(branch)}`;

/** Puts a slot that stands at the commit on its own branch. Throws when that is checked out elsewhere. */
export async function attachSlotBranch(repository: Repository, slot: SlotPlace & { commit: string }): Promise<void> {
  const branch = slotBranch(slot.id);
  const other = (await checkoutsOf(repository, branch)).find(({ path }) => path !== slot.path);
  if (other !== undefined) throw new Error(`${branch} is checked out in ${other.path}`);
  const from = await readRef(repository, refOf(branch));
  const isOurs = await attachBranch(repository, { path: slot.path, branch, from, commit: slot.commit });
  if (!isOurs) throw new Error(`${branch} was moved while its worktree was made ready`);
}

/** ms between two tries while a git holds the lock of HEAD, for the blink of a commit. */
const LOCK_PAUSE = 5;
const LOCK_TRIES = 400;

type ClaimedPlace = SlotPlace & { readonly branch: string };

/**
 * Gives the branch of a claimed slot its task's name: the new ref is made and HEAD pointed at it (`named`), then the slot's own ref goes (`done`).
 * A git may commit there meanwhile: HEAD moves only when the new ref has all that the old one has, which is looked at under HEAD's lock.
 * After a crash at any point the same call completes it. A slot that is not on its own branch is left as it is.
 */
export function nameBranch(repository: Repository, slot: ClaimedPlace): { named: Promise<void>; done: Promise<void> } {
  const named = pointAtTask(repository, slot);
  return { named, done: named.then(() => leaveOwn(repository, slot)) };
}

async function pointAtTask(repository: Repository, slot: ClaimedPlace): Promise<void> {
  const own = refOf(slotBranch(slot.id));
  const named = refOf(slot.branch);
  for (let turn = 0; turn < LOCK_TRIES; turn += 1) {
    const tip = await readRef(repository, own);
    if (tip === null || !isOn(slot.path, own)) return;
    if (!(await setRef(repository, named, tip))) continue;
    if (await moveHead(repository, slot.path, { own, named, tip })) return;
    await delay(LOCK_PAUSE);
  }
  throw new Error(`HEAD of the worktree ${slot.path} stays locked`);
}

/** False when somebody was faster. */
async function setRef(repository: Repository, ref: string, commit: string): Promise<boolean> {
  const before = await readRef(repository, ref);
  if (before === commit) return true;
  const reason = 'drover: claim';
  if (before === null) return createRef(repository, { ref, commit, reason });
  return updateRefs(repository, [{ ref, from: before, to: commit }], reason);
}

function isOn(path: string, ref: string): boolean {
  const admin = adminFolder(path);
  return admin !== null && readFileSync(join(admin, 'HEAD'), 'utf8').trim() === `ref: ${ref}`;
}

/** False when the slot's branch has moved on since, or its HEAD is locked. */
async function moveHead(
  repository: Repository,
  path: string,
  { own, named, tip }: { own: string; named: string; tip: string },
): Promise<boolean> {
  if (areFiles(repository)) {
    const isStill = () => isOn(path, own) && refInFiles(repository, own) === tip;
    return pointHead(path, `ref: ${named}`, isStill);
  }
  await git(['symbolic-ref', '-m', 'drover: claim', 'HEAD', named], { cwd: path });
  return (await readRef(repository, own)) === tip;
}

async function leaveOwn(repository: Repository, slot: ClaimedPlace): Promise<void> {
  const own = refOf(slotBranch(slot.id));
  const tip = await readRef(repository, own);
  if (tip === null) return;
  const isOnNamed = (await readRef(repository, refOf(slot.branch))) === tip;
  await (isOnNamed ? deleteRef(repository, own, tip) : dropOwn(repository, own, tip));
}

/** A branch that the slot has left, maybe with an agent that went to another one at once. What is on it alone is kept. */
async function dropOwn(repository: Repository, own: string, tip: string): Promise<void> {
  if ((await keptBy(repository, tip, own)) === null)
    await keepRef(repository, { task: own.slice('refs/heads/drover/'.length), attempt: 1, commit: tip });
  await deleteRef(repository, own, tip);
}

/** The slot is gone for good. */
export async function dropSlotBranch(repository: Repository, id: string): Promise<void> {
  const own = refOf(slotBranch(id));
  const tip = await readRef(repository, own);
  if (tip !== null) await dropOwn(repository, own, tip);
}

async function deleteRef(repository: Repository, ref: string, tip: string): Promise<void> {
  await updateRefs(repository, [{ ref, from: tip, to: null }], 'drover: claimed');
}
