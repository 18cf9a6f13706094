// Owns how each method's result is shown to a person. All text that came from outside is sanitised here, before it meets a colour.
import { formatAge } from '../domain/duration.ts';
import type { Epic } from '../domain/epic.ts';
import type { Envelope } from '../domain/event.ts';
import { underParents } from '../domain/subtask.ts';
import { isActive, type Task, type TaskStatus } from '../domain/task.ts';
import { sanitise, sanitiseLines } from '../domain/text.ts';
import { wrap } from '../domain/text-width.ts';
import { usageWords } from '../domain/usage.ts';
import { type Run, stateWord } from '../domain/worker.ts';
import type { Result, ServerStatus } from '../protocol/methods.ts';
import { type Cell, formatTable, formatTime } from './format.ts';
import { renderPeople, typistsOf } from './pane-text.ts';
import type { Paint, RenderContext, Tone } from './verb.ts';

const STATUS_TONES: Readonly<Record<TaskStatus, Tone>> = {
  ready: 'strong',
  claimed: 'busy',
  in_progress: 'busy',
  paused: 'warn',
  blocked: 'bad',
  decomposed: 'busy',
  completed: 'good',
  failed: 'bad',
  cancelled: 'dim',
};

/** What a person looks for first stands first. */
const STATUS_ORDER: readonly TaskStatus[] = [
  'in_progress',
  'claimed',
  'decomposed',
  'blocked',
  'failed',
  'paused',
  'ready',
  'completed',
  'cancelled',
];

function statusCell(status: TaskStatus, paint: Paint): Cell {
  return { text: status, paint: (text) => paint(STATUS_TONES[status], text) };
}

/** The status; of a task that waits for others, or whose agent ended with its server, it would be half of the truth. */
function standingCell({ id, status }: Task, { waits = {}, interrupted = [] }: Result<'task.list'>, paint: Paint): Cell {
  if (interrupted.includes(id)) return { text: 'interrupted', paint: (text) => paint('warn', text) };
  const wait = waits[id];
  if (wait === undefined) return statusCell(status, paint);
  return wait.isStuck
    ? { text: 'cannot start', paint: (text) => paint('bad', text) }
    : { text: `waits ${wait.count}`, paint: (text) => paint('dim', text) };
}

/** `Created task-x7k2m: fix login` */
export function renderTaskLine(word: string, task: Task, { paint }: RenderContext): string {
  return `${word} ${paint('strong', sanitise(task.id))}: ${sanitise(task.title)}`;
}

/** The created task, and what it waits for. */
export function renderCreated({ task }: Result<'task.create'>, context: RenderContext): string {
  const line = renderTaskLine('Created', task, context);
  return task.blockedBy.length > 0 ? `${line}\n  waits for ${task.blockedBy.map(sanitise).join(', ')}` : line;
}

/** One line a task: id, status, priority, age, title with its epic; sub-tasks under their parents. */
export function renderTasks(list: Result<'task.list'>, { width, now, paint }: RenderContext): string {
  const { tasks, epics } = list;
  if (tasks.length === 0) return 'No tasks.';
  const titles = new Map(epics.map((epic) => [epic.id, sanitise(epic.title)]));
  const sorted = [...tasks].sort(
    (a, b) =>
      STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
      b.priority - a.priority ||
      a.createdAt - b.createdAt,
  );
  const rows = underParents(sorted).map(({ task, lead }) => [
    { text: sanitise(task.id), paint: (text: string) => paint('strong', text) },
    standingCell(task, list, paint),
    task.priority === 0 ? '' : `p${task.priority}`,
    { text: formatAge(now - task.updatedAt), paint: (text: string) => paint('dim', text) },
    lead + sanitise(task.title) + epicSuffix(task, titles),
  ]);
  return formatTable(rows, width);
}

function epicSuffix(task: Task, titles: ReadonlyMap<string, string>): string {
  const title = task.epicId === null ? undefined : titles.get(task.epicId);
  return title === undefined ? '' : `  [${title}]`;
}

/** Ids, counts and titles of all epics. */
export function renderEpics({ epics }: Result<'epic.list'>, { width, paint }: RenderContext): string {
  if (epics.length === 0) return 'No epics.';
  return formatTable(
    epics.map((epic) => [
      { text: sanitise(epic.id), paint: (text: string) => paint('strong', text) },
      `${epic.counts.done}/${epic.counts.total} done`,
      epic.counts.running > 0 ? `${epic.counts.running} running` : '',
      epic.counts.blocked + epic.counts.failed > 0 ? `${epic.counts.blocked + epic.counts.failed} stuck` : '',
      sanitise(epic.title),
    ]),
    width,
  );
}

/** `Created epic-x7k2m: Login` */
export function renderEpic(epic: Epic, { paint }: RenderContext): string {
  return `Created ${paint('strong', sanitise(epic.id))}: ${sanitise(epic.title)}`;
}

/** The task in one line, then the sentences that say why it isn't running. */
export function renderWhy({ task, why }: Result<'task.why'>, context: RenderContext): string {
  // A task that is ready by its status and yet has reasons is not: it waits in the queue for them.
  const standing = task.status === 'ready' && why.length > 0 ? 'queued' : task.status;
  const head = `${context.paint('strong', sanitise(task.id))} is ${context.paint(STATUS_TONES[task.status], standing)}: ${sanitise(task.title)}`;
  const sentences =
    why.length > 0 ? why : [task.status === 'completed' ? 'it is done' : 'nothing keeps it from running'];
  return [head, ...sentences.flatMap((sentence) => indent(sentence, context.width, '  '))].join('\n');
}

function indent(text: string, width: number, margin: string): string[] {
  return wrap(sanitiseLines(text), width - margin.length).map((line) => (margin + line).trimEnd());
}

/** Everything that is known of one task. */
export function renderTaskDetail(detail: Result<'task.show'>, context: RenderContext): string {
  const { task } = detail;
  const { paint, width } = context;
  const blocks: string[] = [
    `${paint('strong', sanitise(task.id))}  ${paint(STATUS_TONES[task.status], task.status)}  ${sanitise(task.title)}`,
    formatTable(
      factsOf(detail, context).map(([name, value]) => [
        { text: `  ${name}`, paint: (text: string) => paint('dim', text) },
        value,
      ]),
      width,
    ),
  ];
  if (task.description !== '') blocks.push(indent(task.description, width, '  ').join('\n'));
  if (task.summary) blocks.push(titled('Summary', indent(task.summary, width, '  '), paint));
  if (task.research !== null) blocks.push(titled('Findings', renderResearch(task.research, context), paint));
  const { subtasks = [] } = detail;
  if (subtasks.length > 0) blocks.push(titled('Sub-tasks', [renderSubtasks(subtasks, context)], paint));
  if (detail.why.length > 0)
    blocks.push(
      titled(
        isActive(task.status) ? 'How it stands' : 'Why it is not running',
        detail.why.flatMap((sentence) => indent(sentence, width, '  ')),
        paint,
      ),
    );
  if (task.blockedReason?.detail) blocks.push(titled('Details', indent(task.blockedReason.detail, width, '  '), paint));
  if (detail.commits.length > 0) {
    blocks.push(
      titled(
        'Commits',
        detail.commits.map((commit) => `  ${sanitise(commit.hash).slice(0, 10)}  ${sanitise(commit.subject)}`),
        paint,
      ),
    );
  }
  if (detail.kept.length > 0)
    blocks.push(
      titled(
        'Kept work',
        detail.kept.map((ref) => `  ${sanitise(ref)}`),
        paint,
      ),
    );
  return blocks.join('\n\n');
}

/** The most relevant first, each with its source. */
function renderResearch({ findings, sources }: NonNullable<Task['research']>, { width }: RenderContext): string[] {
  const sorted = [...findings].sort((a, b) => b.relevance - a.relevance);
  const lines = sorted.flatMap(({ summary, relevance, sourceRef }) =>
    indent(`${relevance.toFixed(2)}  ${summary}${sourceRef === '' ? '' : ` (${sourceRef})`}`, width, '  '),
  );
  return sources.length === 0 ? lines : [...lines, ...indent(`Sources: ${sources.join(', ')}`, width, '  ')];
}

function renderSubtasks(subtasks: readonly Task[], { width, paint }: RenderContext): string {
  return formatTable(
    subtasks.map(({ id, status, title }) => [
      { text: `  ${sanitise(id)}`, paint: (text: string) => paint('strong', text) },
      { text: status, paint: (text: string) => paint(STATUS_TONES[status], text) },
      sanitise(title),
    ]),
    width,
  );
}

function titled(title: string, lines: readonly string[], paint: Paint): string {
  return [paint('strong', title), ...lines].join('\n');
}

function factsOf(
  { task, epic, blocks, usage, runs, history }: Result<'task.show'>,
  { now }: RenderContext,
): [string, string][] {
  const run = runs.find((candidate) => candidate.id === task.runId);
  const facts: [string, string | null | undefined | false][] = [
    ['type', task.type],
    ['epic', epic && `${epic.id}  ${epic.title}`],
    ['priority', task.priority !== 0 && String(task.priority)],
    ['labels', task.labels.join(', ')],
    ['part of', task.parentId],
    ['divided', task.decomposition?.reason],
    ['waits for', [...task.blockedBy, ...task.awaits].join(', ')],
    ['reads', task.repos.join(', ')],
    ['blocks', blocks.map((other) => other.id).join(', ')],
    ['test', task.testCommand],
    ['attempts', `${task.attempts} of ${task.maxAttempts}`],
    ['agent', run && describeRun(run, now)],
    ['used', usage && describeUsage(usage)],
    ['typed', typistsOf(history)],
    ['pause', task.pause && describePause(task.pause, now)],
    ['verdict', task.verdict],
    ['blocked', task.blockedReason?.message],
    ['last error', task.lastError],
    ['branch', task.branch],
    ['landing', task.landing],
    ['landed as', task.landedCommit?.slice(0, 10)],
    ['checkout', checkoutWords(history)],
    ['created', `${formatTime(task.createdAt)} by ${task.createdBy}`],
    [
      'completed',
      task.finishedAt !== null &&
        `${formatTime(task.finishedAt)}${task.completedBy === null ? '' : ` by ${task.completedBy}`}`,
    ],
  ];
  return facts
    .filter((fact): fact is [string, string] => Boolean(fact[1]))
    .map(([name, value]) => [name, sanitise(value)]);
}

/** What became of the user's checkout when the task landed; empty when it did not. */
function checkoutWords(history: readonly Envelope[]): string {
  const landed = history.findLast(({ event }) => event.type === 'task.completed')?.event;
  return landed?.type === 'task.completed' ? landed.checkout : '';
}

/** `12.3k tokens, $0.42; with its sub-tasks …; its epic …` */
function describeUsage({ task, tree, epic }: NonNullable<Result<'task.show'>['usage']>): string {
  const own = usageWords(task);
  const [all, of] = [usageWords(tree), epic && usageWords(epic)];
  return [own, ...(all === own ? [] : [`with its sub-tasks ${all}`]), ...(of === null ? [] : [`its epic ${of}`])].join(
    '; ',
  );
}

/** `paused 3m ago by ann; to go on: …` */
function describePause({ phase, by, at, reason }: NonNullable<Task['pause']>, now: number): string {
  const word = phase === 'asked' ? 'asked for' : phase;
  return `${word} ${formatAge(now - at)} ago by ${by}${reason === undefined ? '' : `, because ${reason}`}`;
}

/** `worker 2  working for 3m (hook): the question` */
function describeRun(run: Run, now: number): string {
  const since = `${stateWord(run)} for ${formatAge(now - run.stateSince)} (${run.stateSource})`;
  return `worker ${run.worker}  ${since}${run.stateDetail === '' || run.state === 'gated' ? '' : `: ${run.stateDetail}`}`;
}

/** The counts, what runs, and what needs a person. */
export function renderStatus(result: Result<'status.get'>, { width, now, paint, input }: RenderContext): string {
  if (input.options['oneline'] === true) return sanitise(result.oneline);
  const blocks = [sanitise(result.oneline)];
  if (result.running.length > 0) {
    const rows = result.running.map(({ task, run }) => [
      { text: `  ${sanitise(task.id)}`, paint: (text: string) => paint('strong', text) },
      run ? `worker ${run.worker}` : '',
      {
        text:
          task.pause?.phase === 'asked'
            ? `pausing ${formatAge(now - task.pause.at)}`
            : run
              ? `${stateWord(run)} ${formatAge(now - run.stateSince)}`
              : (task.landing ?? task.status),
        paint: (text: string) => paint('busy', text),
      },
      sanitise(task.title),
    ]);
    blocks.push(titled('Running', [formatTable(rows, width)], paint));
  }
  const { paused = [] } = result;
  if (paused.length > 0) {
    const rows = paused.map((task) => [
      { text: `  ${sanitise(task.id)}`, paint: (text: string) => paint('strong', text) },
      { text: task.pause ? describePause(task.pause, now) : '', paint: (text: string) => paint('warn', text) },
      `${sanitise(task.title)}; to go on: drover resume ${sanitise(task.id)}`,
    ]);
    blocks.push(titled('Paused', [formatTable(rows, width)], paint));
  }
  if (result.attention.length > 0) {
    const rows = result.attention.map(({ task, reason }) => [
      { text: `  ${sanitise(task.id)}`, paint: (text: string) => paint('bad', text) },
      `${sanitise(task.title)}: ${sanitise(reason)}`,
    ]);
    blocks.push(titled('Needs attention', [formatTable(rows, width)], paint));
  }
  if (result.people.length > 0)
    blocks.push(titled('Attached', [renderPeople(result.people, { width, now, paint, input })], paint));
  const { server } = result;
  const work = server.isRunning
    ? result.isHeld
      ? 'the queue is held; drover unhold lets it go on'
      : `${server.workers} workers take tasks`
    : 'no tasks are taken; drover run starts the work';
  blocks.push(paint('dim', `server ${server.pid}, up ${formatAge(now - server.startedAt)}; ${work}`));
  const worktrees = Object.entries(result.pool ?? {}).filter(([, count]) => count > 0);
  if (worktrees.length > 0)
    blocks.push(paint('dim', `worktrees: ${worktrees.map(([state, count]) => `${count} ${state}`).join(', ')}`));
  const changed = changedConfigWords(server);
  if (changed !== null) blocks.push(paint('warn', changed));
  return blocks.join('\n\n');
}

/** What to say when a configuration file is newer than what the server goes by; null when none is. */
export function changedConfigWords({ changedConfig = [] }: Pick<ServerStatus, 'changedConfig'>): string | null {
  if (changedConfig.length === 0) return null;
  const files = changedConfig.map(sanitise).join(' and ');
  return `${files} was changed after the server had read it; to go by it: drover server restart`;
}

/** What is known of the server, a line a fact. */
export function renderServer(server: ServerStatus, { width, now }: RenderContext): string {
  const facts: [string, string][] = [
    ['pid', String(server.pid)],
    ['version', `${server.version} (protocol ${server.protocol})`],
    ['up', formatAge(now - server.startedAt)],
    ['repository', server.repository],
    ['data home', server.dataHome],
    ['socket', server.socket],
    ['log', server.log],
    ['clients', String(server.clients)],
    ['last event', String(server.seq)],
    ['session', server.isRunning ? `running, ${server.workers} workers` : 'not running'],
    ['configuration', changedConfigWords(server) ?? 'as in the files'],
  ];
  // A path is worth more whole than cut: it is there to be copied.
  return formatTable(
    facts.map(([name, value]) => [name, sanitise(value)]),
    Math.max(width, 400),
  );
}
