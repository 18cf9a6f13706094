// Owns what the tests of the intervention panel begin with: questions, files, and a model with the panel open.
import { apply } from '../../../src/domain/apply.ts';
import type { DroverEvent, Envelope } from '../../../src/domain/event.ts';
import type { Question } from '../../../src/domain/question.ts';
import type { FileChange, TaskFiles } from '../../../src/protocol/task-files.ts';
import type { Model } from '../../../src/tui/model.ts';
import type { PanelMode } from '../../../src/tui/panel/panel-mode.ts';
import { update } from '../../../src/tui/update.ts';
import { busyHistory, key, modelOf, NOW, steps } from './model-fixture.ts';

export const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
];

export function question(id: string, fields: Partial<Question> = {}): Question {
  return {
    id,
    kind: 'permission',
    tool: 'Bash',
    about: 'Bash: rm -rf build',
    parts: [],
    scope: 'Bash rm in build',
    askedAt: NOW - 5_000,
    ...fields,
  };
}

export const COLOURS = question('ask-colours', {
  kind: 'question',
  tool: 'AskUserQuestion',
  about: 'Which colour? Which sizes?',
  scope: null,
  parts: [
    {
      text: 'Which colour?',
      options: [
        { label: 'red', description: 'as in the logo' },
        { label: 'green', description: '' },
      ],
      isMulti: false,
    },
    {
      text: 'Which sizes?',
      options: [
        { label: 'small', description: '' },
        { label: 'medium', description: '' },
        { label: 'large', description: '' },
      ],
      isMulti: true,
    },
  ],
});

export const asked = (short: string, what: Question): DroverEvent => ({
  type: 'run.asked',
  runId: `run-${short}`,
  question: what,
});

/** An event, as the server tells it. */
export function hear(model: Model, event: DroverEvent, by = 'bob'): Model {
  const envelope: Envelope = { seq: model.state.seq + 1, at: NOW, by, event };
  return update(model, { type: 'event', envelope })[0];
}

/** Pane 2's task, which asks these, with its panel open. */
export function panelWith(...questions: readonly Question[]): Model {
  const history = busyHistory();
  for (const one of questions)
    apply(history.state, { seq: history.state.seq + 1, at: NOW, by: 'drover', event: asked('p4q8r', one) });
  return steps({ ...modelOf(history), focused: 2 }, key('C-g'), key('a'))[0];
}

export function panelOf({ mode }: Model): PanelMode {
  if (mode.kind !== 'panel') throw new Error(`the panel is not open, but ${mode.kind}`);
  return mode;
}

export const change = (path: string, fields: Partial<FileChange> = {}): FileChange => ({
  path,
  change: 'modified',
  from: null,
  added: 2,
  removed: 1,
  changedAt: NOW - 3_000,
  ...fields,
});

export function filesOf(taskId: string, ...files: readonly FileChange[]): TaskFiles {
  return { taskId, from: 'abc', place: 'worktree', files: [...files], isCut: false, note: '' };
}
