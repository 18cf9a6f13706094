// Owns `drover run`: starts the session, then the workspace, or a line for each transition.
import type { Client } from '../../client/client.ts';
import type { Paint, VerbInput } from '../../client/verb.ts';
import { choiceOption, durationOption, given, numberOption, textOption } from '../../client/verb-params.ts';
import { changedConfigWords } from '../../client/verb-text.ts';
import { AGENT_KINDS, type AgentKind } from '../../domain/worker.ts';
import type { Params, Result } from '../../protocol/methods.ts';
import { EXIT } from '../complaint.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';
import { beginOpening, isInOwnPane, type Opening, openWorkspace } from './attach.ts';
import { type Follower, followSession, formatTransition } from './follow.ts';
import { type RunSummary, renderSummary, summarise } from './summary.ts';
import { formatWait, WaitTeller } from './waits.ts';

/** 128 + the signal's number, as a shell reports it. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

const GOES_ON = 'The run goes on without you.\n  watch: drover attach   stop: drover stop';

/** Starts the session. Exit 0 when nothing is left to do (or when the workspace was left), 1 when tasks need a person. */
export async function runRun(input: VerbInput, scope: VerbScope): Promise<number> {
  const { shell, session, isJson, isBar } = scope;
  const isFollowing = !isBar && (input.options['headless'] === true || input.options['untilDone'] === true);
  const mayOpen = !isBar && !isJson && shell.isInteractive && input.options['headless'] !== true;
  const opensWorkspace = mayOpen && !isInOwnPane(scope);
  const params = startParams(input, isFollowing);
  // One connection to start and to look; to follow takes another.
  const opening = opensWorkspace && !isFollowing ? await beginOpening(scope) : null;
  const client = opening?.client ?? (await session.connect('cli'));
  const start = () => client.call('session.start', params);
  try {
    const changed = changedConfigWords(await client.call('server.status', {}));
    if (changed !== null && !isBar)
      shell.writeError(`${changed}
`);
    if (opensWorkspace) return await runInWorkspace({ client, opening, start }, scope);
    if (isFollowing) return await followHeadless({ client, start, farewell: GOES_ON }, scope);
    const started = await start();
    shell.write(isJson ? renderJson(started) : describeStart(started, scope));
    return EXIT.ok;
  } finally {
    client.close();
  }
}

type Start = () => Promise<Result<'session.start'>>;

/** The workspace; when the session is followed, what is left after it is told line by line to the end. */
async function runInWorkspace(
  { client, opening, start }: { client: Client; opening: Opening | null; start: Start },
  scope: VerbScope,
): Promise<number> {
  // Before the start, so that no transition is missed.
  const told = opening === null ? await tellSession(client, scope, { isSilent: true }) : null;
  const { epicId } = await start();
  const exitCode = await openWorkspace(scope, opening === null ? {} : { opening });
  if (exitCode !== EXIT.ok || told === null) return exitCode;
  told.speak();
  return followToEnd({ follower: told.follower, epicId: Promise.resolve(epicId), farewell: GOES_ON }, scope);
}

/** Follows a session from its start to its end, a line for each transition; `farewell` is told when the operator interrupts. */
export async function followHeadless(
  run: { client: Client; start: Start; farewell: string },
  scope: VerbScope,
): Promise<number> {
  const { follower } = await tellSession(run.client, scope, { isSilent: false });
  const epicId = run.start().then((started) => started.epicId);
  return followToEnd({ follower, epicId, farewell: run.farewell }, scope);
}

/** Parameters of session.start. */
function startParams(input: VerbInput, untilDone: boolean): Params<'session.start'> {
  return given<Required<Params<'session.start'>>>({
    workers: numberOption(input, 'workers', { least: 1, most: 64 }),
    epic: textOption(input, 'epic'),
    agent: choiceOption<AgentKind>(input, 'agent', AGENT_KINDS),
    untilDone: untilDone || undefined,
    poolSize: numberOption(input, 'poolSize', { least: 0, most: 64 }, '--pool-size'),
    poolRefresh: durationOption(input, 'poolRefresh', '--pool-refresh', 10_000),
  });
}

function describeStart({ workers, agent }: Result<'session.start'>, { isBar }: VerbScope): string {
  const line = `${workers} ${workers === 1 ? 'worker takes' : 'workers take'} tasks (agent ${agent}).\n`;
  return isBar ? line : `${line}  watch: drover attach   follow: drover run --headless   stop: drover stop\n`;
}

/** Writes a line, or a JSON document, for each transition and for each agent that begins to wait for a person; silent until `speak`, as under the workspace, where it says so. */
async function tellSession(
  client: Client,
  { shell, isJson }: VerbScope,
  { isSilent }: { isSilent: boolean },
): Promise<{ follower: Follower; speak: () => void }> {
  let isHeard = !isSilent;
  const write = <T>(fact: T, format: (fact: T, paint: Paint) => string): void =>
    shell.write(`${isJson ? JSON.stringify(fact) : format(fact, shell.paint)}\n`);
  const waits = new WaitTeller((wait) => write(wait, formatWait));
  const follower = await followSession(
    client,
    (step) => {
      if (isHeard) write(step, formatTransition);
    },
    (envelope, state) => {
      if (isHeard) waits.take(envelope, state);
    },
  );
  const speak = (): void => {
    isHeard = true;
    waits.takeAll(Date.now(), follower.state);
  };
  if (!isSilent) speak();
  return { follower, speak };
}

/** Waits until the session has stopped or the operator interrupts, and says what is left in the epic that was run. */
async function followToEnd(
  { follower, epicId, farewell }: { follower: Follower; epicId: Promise<string | null>; farewell: string },
  { shell, isJson }: VerbScope,
): Promise<number> {
  // From before the first line on: an interrupt must never end the process without a word.
  const interrupt = watchInterrupt(shell);
  try {
    const epic = await epicId;
    const signal = await Promise.race([follower.ended.then(() => null), interrupt.signal]);
    if (signal) {
      shell.writeError(`\n${farewell}\n`);
      return INTERRUPTED[signal];
    }
    const summary = summarise(follower.state, epic);
    shell.write(isJson ? `${JSON.stringify({ summary })}\n` : renderSummary(summary, shell.paint));
    return exitCodeOf(summary);
  } finally {
    interrupt.release();
  }
}

function watchInterrupt(shell: VerbScope['shell']): { signal: Promise<keyof typeof INTERRUPTED>; release: () => void } {
  let release: () => void = () => undefined;
  const signal = new Promise<keyof typeof INTERRUPTED>((resolve) => {
    release = shell.onInterrupt(resolve);
  });
  return { signal, release };
}

/** 1 when tasks need a person. */
export function exitCodeOf(summary: RunSummary): number {
  return summary.stuck.length === 0 && summary.paused.length === 0 ? EXIT.ok : EXIT.refused;
}
