// Owns `drover run`: starts the session, then the workspace, or a line for each transition.
import type { Client } from '../../client/client.ts';
import type { VerbInput } from '../../client/verb.ts';
import { choiceOption, given, numberOption, textOption } from '../../client/verb-params.ts';
import { AGENT_KINDS, type AgentKind } from '../../domain/worker.ts';
import type { Params, Result } from '../../protocol/methods.ts';
import { EXIT } from '../complaint.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';
import { openWorkspace } from './attach.ts';
import { type Follower, followSession, formatTransition, type Transition } from './follow.ts';
import { type RunSummary, renderSummary, summarise } from './summary.ts';

/** 128 + the signal's number, as a shell reports it. */
const INTERRUPTED = { SIGINT: 130, SIGTERM: 143 } as const;

/** Starts the session. Exit 0 when nothing is left to do (or when the workspace was left), 1 when tasks are stuck. */
export async function runRun(input: VerbInput, scope: VerbScope): Promise<number> {
  const { shell, session, isJson, isBar } = scope;
  const client = await session.connect('cli');
  try {
    const isFollowing = !isBar && (input.options['headless'] === true || input.options['untilDone'] === true);
    const opensWorkspace = !isBar && !isJson && shell.isInteractive && input.options['headless'] !== true;
    let isLeft = false;
    // Before the start, so that no transition is missed.
    const follower = isFollowing
      ? await followSession(
          client,
          transitionPrinter(scope, () => !opensWorkspace || isLeft),
        )
      : null;
    const started = await client.call('session.start', startParams(input));
    if (opensWorkspace) {
      await openWorkspace(scope);
      isLeft = true;
    }
    if (follower) return await followToEnd(follower, started, scope);
    if (!opensWorkspace) shell.write(isJson ? renderJson(started) : describeStart(started, scope));
    return EXIT.ok;
  } finally {
    client.close();
  }
}

/** Parameters of session.start. */
function startParams(input: VerbInput): Params<'session.start'> {
  return given<Required<Params<'session.start'>>>({
    workers: numberOption(input, 'workers', { least: 1, most: 64 }),
    epic: textOption(input, 'epic'),
    agent: choiceOption<AgentKind>(input, 'agent', AGENT_KINDS),
  });
}

function describeStart({ workers, agent }: Result<'session.start'>, { isBar }: VerbScope): string {
  const line = `${workers} ${workers === 1 ? 'worker takes' : 'workers take'} tasks (agent ${agent}).\n`;
  return isBar ? line : `${line}  watch: drover attach   follow: drover run --headless   stop: drover stop\n`;
}

/** A line for each transition, or a JSON document a line; silent while `isHeard` says so, as under the workspace. */
function transitionPrinter({ shell, isJson }: VerbScope, isHeard: () => boolean): (step: Transition) => void {
  return (step) => {
    if (!isHeard()) return;
    shell.write(isJson ? `${JSON.stringify(step)}\n` : `${formatTransition(step, shell.paint)}\n`);
  };
}

/** Waits until the session has stopped or the operator interrupts, and says what is left. */
async function followToEnd(
  follower: Follower,
  { epicId }: Result<'session.start'>,
  { shell, isJson }: VerbScope,
): Promise<number> {
  const signal = await untilEnded(follower, shell);
  if (signal) {
    shell.writeError('\nThe run goes on without you.\n  watch: drover attach   stop: drover stop\n');
    return INTERRUPTED[signal];
  }
  const summary = summarise(follower.state, epicId);
  shell.write(isJson ? `${JSON.stringify({ summary })}\n` : renderSummary(summary, shell.paint));
  return exitCodeOf(summary);
}

/** 1 when tasks need a person. */
export function exitCodeOf(summary: RunSummary): number {
  return summary.stuck.length === 0 ? EXIT.ok : EXIT.refused;
}

function untilEnded(follower: Follower, shell: VerbScope['shell']): Promise<keyof typeof INTERRUPTED | null> {
  return new Promise((resolve, reject) => {
    const release = shell.onInterrupt((signal) => {
      release();
      resolve(signal);
    });
    follower.ended.then(
      () => {
        release();
        resolve(null);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}

/** Follows a session that has been started through this client, to its end. For `demo`. */
export async function followHeadless(
  client: Client,
  start: () => Promise<Result<'session.start'>>,
  scope: VerbScope,
): Promise<number> {
  const follower = await followSession(
    client,
    transitionPrinter(scope, () => true),
  );
  return followToEnd(follower, await start(), scope);
}
