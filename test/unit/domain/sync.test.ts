// Tells what a worktree allows its agent while it is synced, and what is recorded of it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldSync, SYNCED, type SyncStep, UNSYNCED, type WorktreeState } from '../../../src/domain/sync.ts';

const stateAfter = (...steps: SyncStep[]): WorktreeState => steps.reduce(foldSync, UNSYNCED);
const failed = (isMixed: boolean): SyncStep => ({ type: 'failed', reason: 'no route to host', isMixed });

describe('what is allowed', () => {
  it('reads while the newest base is looked for, nothing while the files move, all once they have', () => {
    expect(stateAfter({ type: 'begun' })).toEqual(UNSYNCED);
    expect(stateAfter({ type: 'begun' }, { type: 'moving' })).toMatchObject({
      readAllowed: false,
      writeAllowed: false,
    });
    expect(stateAfter({ type: 'moving' }, { type: 'moved' })).toEqual(UNSYNCED);
    expect(stateAfter({ type: 'begun' }, { type: 'moving' }, { type: 'completed' })).toEqual(SYNCED);
  });

  it('reads after a failure that moved nothing, and nothing when the files may be half moved', () => {
    const state = stateAfter({ type: 'begun' }, failed(false));
    expect(state).toEqual({ ...UNSYNCED, syncError: 'no route to host' });
    expect(stateAfter({ type: 'moving' }, failed(true))).toMatchObject({ readAllowed: false, writeAllowed: false });
  });

  it('is tried again after a failure: the error is gone, what is half moved is still not read', () => {
    expect(stateAfter(failed(false), { type: 'begun' })).toEqual(UNSYNCED);
    expect(stateAfter(failed(true), { type: 'begun' })).toEqual({ ...UNSYNCED, readAllowed: false });
    expect(stateAfter(failed(true), { type: 'begun' }, { type: 'completed' })).toEqual(SYNCED);
  });

  it('never writes before it is complete, and is complete for good', () => {
    const step = fc.constantFrom<SyncStep>(
      { type: 'begun' },
      { type: 'moving' },
      { type: 'moved' },
      { type: 'completed' },
      failed(true),
      failed(false),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const state = stateAfter(...steps);
        const isComplete = steps.some(({ type }) => type === 'completed');
        expect(state.syncComplete).toBe(isComplete);
        expect(state.writeAllowed).toBe(isComplete);
        if (isComplete) expect(state).toEqual(SYNCED);
      }),
    );
  });
});
