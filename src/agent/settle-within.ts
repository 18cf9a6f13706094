// Owns waiting that ends early when a signal is raised.

/** Resolves after some ms, or at once when the signal is raised. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

/** Resolves when `work` has settled either way, and after `ms` at the latest; its timer does not outlive it. */
export async function settleWithin(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  const quiet = work.catch(() => undefined);
  await Promise.race([quiet, pause(ms, AbortSignal.any([signal, settled.signal]))]);
  settled.abort();
}
