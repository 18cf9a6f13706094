// Owns `drover attach --linear`: what happens as plain lines, and verbs from standard input. No cursor movement, no colours.
import type { Client } from '../../client/client.ts';
import type { CommandRunner } from '../../client/command-line.ts';
import { resolveTask } from '../../domain/ids.ts';
import { refuse } from '../../domain/refusal.ts';
import type { State } from '../../domain/state.ts';
import { sanitise } from '../../domain/text.ts';
import type { Run } from '../../domain/worker.ts';
import { EXIT, logFault, outcomeOf } from '../complaint.ts';
import { tellEvent, tellHowToSay, tellOptions, tellQuestion, tellRun, tellTransition } from '../linear/narration.ts';
import { LINEAR_HELP, type LinearLine, parseLinear } from '../linear/own-words.ts';
import { optionsOn, spokenCounts, spokenRows } from '../linear/question.ts';
import type { VerbScope } from '../shell.ts';
import { type Follower, followSession } from './follow.ts';

/** ms between two looks at a screen on which a question is being drawn, and how many of them. */
const LOOK = 100;
const LOOKS = 30;

/** ms before each try to come back to a server that broke down; the first one meets what is left of it. */
const PAUSES = [250, 1000, 4000];

/** Tells what happens until `quit`, the end of input, or the end of the server; one that broke down is started again, as the workspace does. */
export async function runLinear(scope: VerbScope, isReadOnly: boolean): Promise<number> {
  const { shell, session, commandRunner } = scope;
  const connect = (): Promise<Client> => session.connect('linear', { isReadOnly });
  const stream = new LinearStream(await connect(), connect, commandRunner(shell.folder, { isReadOnly }), scope);
  try {
    return await stream.run();
  } finally {
    stream.close();
  }
}

class LinearStream {
  readonly #connect: () => Promise<Client>;
  readonly #runner: CommandRunner;
  readonly #scope: VerbScope;
  #client: Client;
  /** Resolves when the stream is attached; lines that are typed meanwhile wait for it. */
  #attached: Promise<void> = Promise.resolve();
  #follower: Follower | null = null;
  #isAttaching = false;
  #isClosed = false;
  #end: (code: number) => void = () => {};
  readonly #ended = new Promise<number>((resolve) => {
    this.#end = resolve;
  });

  constructor(client: Client, connect: () => Promise<Client>, runner: CommandRunner, scope: VerbScope) {
    this.#client = client;
    this.#connect = connect;
    this.#runner = runner;
    this.#scope = scope;
  }

  close(): void {
    this.#isClosed = true;
    this.#client.close();
  }

  async run(): Promise<number> {
    await this.#attach(this.#client);
    return Promise.race([this.#ended, this.#read()]);
  }

  async #attach(client: Client): Promise<void> {
    this.#client = client;
    if (this.#isClosed) return client.close();
    this.#isAttaching = true;
    try {
      this.#listen(client);
      await this.#follow(client);
    } finally {
      this.#isAttaching = false;
    }
  }

  async #follow(client: Client): Promise<void> {
    // Looking at no pane resizes none, and without a look the server takes no input.
    await client.call('pane.view', { panes: [], focused: null });
    this.#follower = await followSession(
      client,
      (step) => this.#say(tellTransition(step)),
      (envelope, state) => {
        const text = tellEvent(state, envelope);
        if (text !== null) this.#say(text);
        if (envelope.event.type === 'run.state-changed' || envelope.event.type === 'run.asked')
          this.#explain(state.runs.get(envelope.event.runId));
      },
    );
    await this.#greet(this.#follower.state);
  }

  #listen(client: Client): void {
    /** The server has said good-bye, which ends the stream with this code. */
    let goodbye: number | null = null;
    client.onNotice((notice) => {
      if (notice.notice === 'refused') this.#say(withNext(notice.refusal));
      if (notice.notice === 'closing') goodbye = notice.isDetach ? EXIT.ok : EXIT.noServer;
    });
    client.onClose((reason) => {
      if (this.#isClosed) return;
      if (goodbye !== null) return this.#leave(reason, goodbye);
      // Who attaches learns of it by what is refused.
      if (this.#isAttaching) return;
      this.#say(`The connection is lost: ${sanitise(reason)}. Connecting again.`);
      this.#attached = this.#attachAgain();
      this.#attached.catch((error: unknown) =>
        this.#leave(error instanceof Error ? error.message : String(error), EXIT.noServer),
      );
    });
  }

  async #attachAgain(): Promise<void> {
    let failure: unknown = null;
    for (const pause of PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.#isClosed) return;
      try {
        return await this.#attach(await this.#connect());
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #leave(reason: string, code: number): void {
    if (!this.#isClosed) this.#say(`The stream ends: ${sanitise(reason)}. To come back: drover attach --linear`);
    this.#end(code);
  }

  async #greet(state: State): Promise<void> {
    const { oneline, people } = await this.#client.call('status.get', {});
    this.#say(`Attached: ${spokenCounts(oneline)}.`);
    if (people.length > 1) this.#say(`${people.length} people are attached.`);
    for (const { runId } of state.workers.values()) {
      const run = runId === null ? undefined : state.runs.get(runId);
      if (run) this.#say(tellRun(state, run));
      if (run) this.#explain(run);
    }
    this.#say('Type help for what you can do, quit to leave.');
  }

  /** How a run that waits is answered: its options as soon as they stand on its screen. */
  #explain(run: Run | undefined): void {
    // An agent whose turn has ended is mostly spoken to by the server itself.
    if (!run || !isWaiting(run) || run.state === 'turn-ended') return;
    const [question] = run.questions;
    if (question) for (const line of tellQuestion(run.taskId, question)) this.#say(line);
    else if (takesWords(run)) this.#say(tellHowToSay(run.taskId));
    else void this.#findOptions(run).catch(() => undefined);
  }

  /** A question is told by a hook before it is drawn: the screen is looked at until it stands still with options on it. */
  async #findOptions(asking: Run): Promise<void> {
    let before = '';
    for (let look = 0; look < LOOKS && !this.#isClosed; look++) {
      const run = this.#follower?.state.runs.get(asking.id) ?? asking;
      if (run.stateSince !== asking.stateSince || run.state !== asking.state || run.questions.length > 0) return;
      const options = optionsOn((await this.#client.call('pane.capture', { pane: run.worker })).lines);
      const now = options.join('\n');
      if (options.length > 0 && now === before) {
        for (const line of tellOptions(run.taskId, options)) this.#say(line);
        return;
      }
      before = now;
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    if (!this.#isClosed) this.#say(`  No options are seen on its screen. Type: read ${asking.worker}`);
  }

  async #read(): Promise<number> {
    for await (const line of this.#scope.shell.readLines()) {
      if (this.#isClosed) break;
      try {
        const meant = parseLinear(line);
        if (meant.kind === 'quit') break;
        await this.#attached;
        await this.#obey(meant);
      } catch (error) {
        const { folder } = this.#scope.shell;
        this.#say(withNext(outcomeOf(error, (fault) => logFault(fault, folder, Date.now())).complaint));
      }
    }
    return EXIT.ok;
  }

  async #obey(meant: Exclude<LinearLine, { kind: 'quit' }>): Promise<void> {
    switch (meant.kind) {
      case 'nothing':
        return;
      case 'help':
        for (const line of LINEAR_HELP) this.#say(line);
        return;
      case 'say':
        return this.#sayTo(meant.task, meant.text);
      case 'answer':
        return this.#answer(meant.task, meant.words);
      case 'read': {
        const rows = spokenRows((await this.#client.call('pane.capture', { pane: meant.pane })).lines);
        this.#say(rows.length === 0 ? `Pane ${meant.pane} is blank.` : rows.map(sanitiseRow).join('\n'));
        return;
      }
      case 'verb': {
        const { ok, text } = await this.#runner.run(meant.line);
        this.#say(text === '' ? (ok ? 'Done.' : 'Refused.') : text);
      }
    }
  }

  async #sayTo(reference: string, text: string): Promise<void> {
    const run = this.#runOf(reference);
    if (!takesWords(run)) {
      const next = run.state === 'needs-input' ? `answer ${reference} <number>` : `read ${run.worker}`;
      refuse('not-running', `${run.taskId} does not wait for words: its agent is ${run.state}`, next);
    }
    await this.#client.call('pane.submit', { pane: run.worker, text });
    this.#say(`Said to ${sanitise(run.taskId)}.`);
  }

  async #answer(reference: string, words: string): Promise<void> {
    const run = this.#runOf(reference);
    if (run.questions.length > 0) {
      const { task, answer } = await this.#client.call('run.answer', { task: reference, words: [words] });
      return this.#say(`Answered ${sanitise(task.id)}: ${sanitise(answer)}.`);
    }
    await this.#answerInPane(run, words);
  }

  /** A dialog that no hook has told of is answered by its digit. */
  async #answerInPane(run: Run, words: string): Promise<void> {
    if (!isWaiting(run) || takesWords(run))
      refuse('not-running', `${run.taskId} asks nothing: its agent is ${run.state}`, `read ${run.worker}`);
    const options = optionsOn((await this.#client.call('pane.capture', { pane: run.worker })).lines);
    const option = /^[1-9]$/.test(words) ? options[Number(words) - 1] : undefined;
    if (option === undefined)
      refuse('bad-params', `the question of ${run.taskId} has ${options.length} options`, `read ${run.worker}`);
    this.#client.sendInput(run.worker, Buffer.from(words));
    this.#say(`Answered ${sanitise(run.taskId)}: ${sanitise(option)}.`);
  }

  /** The run that works on a task now. Refuses an unknown task and one without an agent. */
  #runOf(reference: string): Run {
    const state = this.#follower?.state ?? refuse('not-running', 'not attached yet');
    const task = resolveTask(state, reference);
    const run = state.runs.get(task.runId ?? '');
    if (!run || run.endedAt !== null) return refuse('not-running', `no agent works on ${task.id}`, `why ${task.id}`);
    return run;
  }

  #say(text: string): void {
    this.#scope.shell.write(`${text}\n`);
  }
}

const isWaiting = ({ state }: Run): boolean =>
  state === 'needs-input' || state === 'turn-ended' || state === 'interrupted';

/** True for an agent that waits at its prompt; a dialog would take words for an answer. Nobody knows what a program without hooks waits for. */
function takesWords({ state, stateSource, agent }: Run): boolean {
  if (agent === 'command') return true;
  return state === 'turn-ended' || state === 'interrupted' || (state === 'needs-input' && stateSource === 'drover');
}

function withNext({ message, next }: { message: string; next: string }): string {
  const text = sanitise(message).replace(/(?<![.!?])$/, '.');
  return next === '' ? text : `${text} Next: ${sanitise(next)}`;
}

/** A row keeps its indentation, which `sanitise` would cut. */
const sanitiseRow = (row: string): string => `${/^ */.exec(row)?.[0] ?? ''}${sanitise(row)}`;
