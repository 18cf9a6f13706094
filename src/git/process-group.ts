// Owns the end of a process group that we started: in good time, by itself, or when it is stopped.

/** Watches over a group until it has ended by itself. */
export interface GroupWatch {
  /** Asks the group to end (SIGTERM), and ends it (SIGKILL) `grace` ms later. Only the first reason counts. */
  stop(reason: string): void;
  /** Why it was stopped; empty when it was not. */
  readonly reason: string;
  /** The leader is gone: nothing is stopped any more. */
  done(): void;
}

/** Stops the group of `pid` after `limit` ms with `tooLong` as the reason. `grace` in ms. */
export function watchGroup(
  pid: number | undefined,
  options: { limit: number; tooLong: string; grace: number },
): GroupWatch {
  let reason = '';
  let reaper: NodeJS.Timeout | undefined;
  const stop = (why: string) => {
    reason ||= why;
    endGroup(pid, 'SIGTERM');
    reaper ??= setTimeout(() => endGroup(pid, 'SIGKILL'), options.grace);
  };
  const timer = setTimeout(() => stop(options.tooLong), options.limit);
  return {
    stop,
    get reason() {
      return reason;
    },
    done: () => {
      clearTimeout(timer);
      clearTimeout(reaper);
    },
  };
}

/** Signals a process group; a group that is gone is what was wanted. */
export function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
