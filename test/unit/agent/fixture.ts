// Owns a task and a run to test with.
import type { RunSpec } from '../../../src/agent/agent.ts';
import { DEFAULT_CONFIG } from '../../../src/config/schema.ts';
import type { Task } from '../../../src/domain/task.ts';
import { makeTask } from '../../helpers/task.ts';

export function taskAtWork(changes: Partial<Task> = {}): Task {
  return makeTask({
    id: 'task-abcde',
    title: 'Fix the login',
    status: 'in_progress',
    attempts: 1,
    branch: 'drover/task-abcde',
    runId: 'run-1',
    createdBy: 'ada@example.org',
    modifiedBy: 'ada@example.org',
    startedAt: 0,
    ...changes,
  });
}

export function makeSpec(changes: Partial<RunSpec> = {}): RunSpec {
  return {
    runId: 'run-1',
    task: taskAtWork(),
    worktree: '/data/worktrees/worktree-1',
    root: '/repo',
    conversationId: '11111111-2222-4333-8444-555555555555',
    isResume: false,
    prompt: 'Work on it.',
    rules: 'Stay inside.',
    folder: '/data/runs/run-1',
    hookUrl: 'http://127.0.0.1:4711/hook',
    token: 'token-of-the-run',
    telemetry: null,
    socket: '/tmp/drover-0/x.sock',
    mcpCommand: ['/usr/bin/node', '/opt/drover/dist/main.cjs', 'mcp'],
    rehearsalCommand: ['/usr/bin/node', '/opt/drover/dist/main.cjs', 'rehearsal-agent'],
    sessionTag: 'session-1',
    operator: { name: 'Ada', email: 'ada@example.org' },
    config: DEFAULT_CONFIG,
    ...changes,
  };
}
