import { describe, expect, test } from 'vitest';
import { ANSWER_VERBS } from '../../../src/client/answer-verbs.ts';
import { formatTable } from '../../../src/client/format.ts';
import type { RenderContext } from '../../../src/client/verb.ts';
import {
  renderCreated,
  renderEpics,
  renderServer,
  renderStatus,
  renderTaskDetail,
  renderTasks,
  renderWhy,
} from '../../../src/client/verb-text.ts';
import type { Epic } from '../../../src/domain/epic.ts';
import { NOT_ASKED } from '../../../src/domain/question.ts';
import type { Task } from '../../../src/domain/task.ts';
import { textWidth } from '../../../src/domain/text-width.ts';
import type { Run } from '../../../src/domain/worker.ts';
import { makeTask } from '../../helpers/task.ts';

const NOW = 1_000_000_000;
const context: RenderContext = { width: 60, now: NOW, paint: (_tone, text) => text, input: { args: [], options: {} } };
const HOSTILE = '\u001b]0;owned\u0007\u009b2J\u202eevil\r\nsecond {bold}';

function task(fields: Partial<Task> = {}): Task {
  return makeTask({ createdBy: 'a@x', modifiedBy: 'a@x', createdAt: NOW - 60_000, updatedAt: NOW - 60_000, ...fields });
}

const epic: Epic = { id: 'epic-login', title: HOSTILE, description: '', createdBy: 'a@x', createdAt: NOW };
const counts = { running: 0, queued: 1, done: 2, blocked: 0, failed: 0, paused: 0, cancelled: 0, total: 3 };
const run: Run = {
  id: 'run-1',
  taskId: 'task-x7k2m',
  attempt: 1,
  worker: 2,
  worktreeId: 'worktree-1',
  agent: 'claude',
  conversationId: '',
  upstreamCommit: null,
  syncError: null,
  baseCommit: '',
  pid: 1,
  state: 'needs-input',
  stateSource: 'hook',
  stateSince: NOW - 180_000,
  stateDetail: HOSTILE,
  ...NOT_ASKED,
  resumes: 0,
  startedAt: NOW,
  endedAt: null,
  exitCode: null,
};
const server = {
  pid: 5,
  version: '0',
  protocol: 1,
  startedAt: NOW,
  repository: HOSTILE,
  dataHome: '',
  socket: '',
  log: '',
  clients: 1,
  seq: 1,
  isRunning: true,
  workers: 4,
};

describe('hostile text', () => {
  const bad = task({
    title: HOSTILE,
    description: HOSTILE,
    summary: HOSTILE,
    createdBy: HOSTILE,
    lastError: HOSTILE,
    epicId: epic.id,
    labels: [HOSTILE],
    runId: 'run-1',
    blockedReason: { code: 'conflict', message: HOSTILE, detail: HOSTILE },
  });
  const detail = {
    task: bad,
    epic,
    why: [HOSTILE],
    blocks: [bad],
    runs: [run],
    commits: [{ hash: 'abc', subject: HOSTILE }],
    kept: [HOSTILE],
    history: [],
  };
  test.each([
    ['add', renderCreated({ task: bad }, context)],
    ['list', renderTasks({ tasks: [bad], epics: [epic] }, context)],
    ['show', renderTaskDetail(detail, context)],
    ['why', renderWhy({ task: bad, why: [HOSTILE] }, context)],
    ['epic list', renderEpics({ epics: [{ ...epic, counts }] }, context)],
    [
      'status',
      renderStatus(
        {
          counts,
          oneline: HOSTILE,
          running: [{ task: bad, run }],
          attention: [{ task: bad, reason: HOSTILE }],
          people: [{ operator: HOSTILE, kind: 'tui', since: 0, isReadOnly: true, focused: 101, cols: 80, rows: 24 }],
          server,
        },
        context,
      ),
    ],
  ])('%s shows none of its controls', (_verb, text) => {
    expect(text).toContain('evil');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  });

  test('a title with a line feed stays one row', () => {
    expect(renderTasks({ tasks: [task({ title: 'a\nb' })], epics: [] }, context).split('\n')).toHaveLength(1);
  });
});

describe('tables', () => {
  test('align by columns and cut the last column at the width', () => {
    const text = formatTable(
      [
        ['你好', 'x'.repeat(80)],
        ['abc', 'short'],
      ],
      30,
    );
    const [first = '', second = ''] = text.split('\n');
    expect(textWidth(first)).toBe(30);
    expect(first.endsWith('…')).toBe(true);
    expect(second).toBe('abc   short');
  });

  test('tasks that run stand before those that wait, then by priority', () => {
    const tasks = [
      task({ id: 'task-aaaaa' }),
      task({ id: 'task-bbbbb', priority: 5 }),
      task({ id: 'task-ccccc', status: 'in_progress' }),
    ];
    const rows = renderTasks({ tasks, epics: [] }, context).split('\n');
    expect(rows.map((row) => row.slice(0, 10))).toEqual(['task-ccccc', 'task-bbbbb', 'task-aaaaa']);
  });

  test('a task whose agent ended with its server is called interrupted', () => {
    const tasks = [
      task({ id: 'task-aaaaa', status: 'in_progress' }),
      task({ id: 'task-bbbbb', status: 'in_progress' }),
    ];
    const rows = renderTasks({ tasks, epics: [], interrupted: ['task-bbbbb'] }, context).split('\n');
    expect(rows.map((row) => row.slice(12, 24).trim())).toEqual(['in_progress', 'interrupted']);
  });

  test('a task that waits for others is not called ready', () => {
    const tasks = [task({ id: 'task-aaaaa' }), task({ id: 'task-bbbbb' }), task({ id: 'task-ccccc' })];
    const waits = { 'task-bbbbb': { count: 2, isStuck: false }, 'task-ccccc': { count: 1, isStuck: true } };
    const rows = renderTasks({ tasks, epics: [], waits }, context).split('\n');
    expect(rows.map((row) => row.slice(12, 24).trim())).toEqual(['ready', 'waits 2', 'cannot start']);
  });

  test('sub-tasks stand under their parent, whatever their status, and are marked where that is not listed', () => {
    const tasks = [
      task({ id: 'task-child', title: 'child', parentId: 'task-whole', status: 'completed' }),
      task({ id: 'task-other', title: 'other', status: 'in_progress' }),
      task({ id: 'task-whole', title: 'whole', status: 'in_progress', createdAt: NOW }),
      task({ id: 'task-stray', title: 'stray', parentId: 'task-nobody', priority: 3 }),
    ];
    const lines = renderTasks({ tasks, epics: [] }, context).split('\n');
    expect(lines.map((line) => line.split('  ').at(-1))).toEqual(['other', 'whole', '└ child', '↳ stray']);
  });

  test('status --oneline is that one line', () => {
    const result = { counts, oneline: '🟢 1 running', running: [], attention: [], people: [], server };
    expect(renderStatus(result, { ...context, input: { args: [], options: { oneline: true } } })).toBe('🟢 1 running');
    expect(renderStatus(result, context)).toContain('4 workers take tasks');
    expect(renderStatus(result, context)).not.toContain('restart');
    const stale = { ...server, changedConfig: ['/r/.drover/config.yaml'] };
    const words = '/r/.drover/config.yaml was changed after the server had read it; to go by it: drover server restart';
    expect(renderStatus({ ...result, server: stale }, context)).toContain(words);
    expect(renderServer(stale, context)).toContain(words);
  });

  test('a detail names the worker, its state with age and source', () => {
    const text = renderTaskDetail(
      {
        task: task({ runId: 'run-1', status: 'in_progress' }),
        epic: null,
        why: [],
        blocks: [],
        runs: [run],
        commits: [],
        kept: [],
        history: [],
      },
      { ...context, width: 200 },
    );
    expect(text).toContain('worker 2  needs-input for 3m (hook)');
  });

  test.each([
    ['in_progress', 'How it stands'],
    ['ready', 'Why it is not running'],
  ] as const)('the sentences about a task that is %s stand under "%s"', (status, heading) => {
    const detail = { epic: null, blocks: [], runs: [], commits: [], kept: [], history: [] };
    const text = renderTaskDetail({ ...detail, task: task({ status }), why: ['Because.'] }, context);
    expect(text).toContain(`${heading}\n  Because.`);
  });

  test('needs has whoever the workspace marks: also an agent that a person has interrupted', () => {
    const [needs] = ANSWER_VERBS;
    if (needs === undefined || !('render' in needs)) throw new Error('the first verb is not needs');
    const waiting: Run = { ...run, state: 'interrupted', stateDetail: 'a person interrupted it' };
    const result = { running: [{ task: task({ status: 'in_progress' }), run: waiting }] };
    expect(needs.render(result as never, context)).toBe(
      [
        'task-x7k2m worker 2, 3m  Fix login',
        '  a person interrupted it',
        '  drover hint task-x7k2m "<your words>"',
      ].join('\n'),
    );
    const working = { running: [{ task: task(), run: { ...run, state: 'working' } }] };
    expect(needs.render(working as never, context)).toBe('Nobody needs you.');
  });
});
