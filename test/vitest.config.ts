// Owns which test belongs to which project, and the limits each project runs under.
import { defineConfig } from 'vitest/config';

const project = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], environment: 'node' as const, ...extra },
});

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    // Two cores is what CI has; e2e files each start a server, a client and several agents of their own.
    maxWorkers: 2,
    projects: [
      project('unit', { testTimeout: 60_000 }),
      project('layers', { testTimeout: 60_000 }),
      project('integration', { testTimeout: 120_000, hookTimeout: 60_000 }),
      project('e2e', { testTimeout: 180_000, hookTimeout: 60_000 }),
      project('claude', { testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
