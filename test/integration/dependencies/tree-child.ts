// Owns the role `__tree` as a process of its own, for the tests.
import { runTreeJob } from '../../../src/pool/dependencies/tree-job.ts';

process.exitCode = runTreeJob();
