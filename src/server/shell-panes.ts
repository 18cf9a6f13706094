// Owns the panes that people open beside the workers': a program of their choice in the repository or in a task's worktree, until it ends; one that nobody typed into stays to be read.
import { childBase } from '../agent/environment.ts';
import { endTagged } from '../agent/leftovers.ts';
import { resolveTask } from '../domain/ids.ts';
import { refuse } from '../domain/refusal.ts';
import type { PaneInfo } from '../protocol/methods.ts';
import type { Pane } from '../terminal/pane.ts';
import type { PtyExit } from '../terminal/pty.ts';
import type { Core } from './core.ts';
import type { PaneSet } from './pane-set.ts';

/** The number of the first one: above every worker's. */
const FIRST = 101;
/** The number of the last one; each is a process with a screen, and more than this is somebody's loop. */
const LAST = 199;
/** ms between the hang-up and the kill of a program that does not mind it. */
const GRACE = 2_000;
/** Enter, C-c and C-d close what has ended. */
const CLOSES = /[\r\n\x03\x04]/;

interface ShellPane {
  readonly argv: readonly string[];
  readonly openedBy: string;
  readonly taskId: string | null;
  /** Somebody has typed into it, or closes it: it goes when its program ends. */
  isLeft: boolean;
  isOver: boolean;
  /** Ends the wait for somebody who has read what an ended program has printed. */
  leave: () => void;
  /** Resolves when the program has ended and the pane is gone. */
  gone: Promise<void>;
}

export interface ShellPaneParts {
  readonly core: Core;
  readonly panes: PaneSet;
  /** Value of DROVER_SESSION in every process of this session. */
  readonly sessionTag: string;
  /** The pane is gone, and its number is free. */
  readonly onGone: (pane: number) => void;
}

export class ShellPanes {
  readonly #parts: ShellPaneParts;
  readonly #shells = new Map<number, ShellPane>();
  #isStopping = false;
  #hasOpened = false;

  constructor(parts: ShellPaneParts) {
    this.#parts = parts;
  }

  /** The info of a pane with what is known of it here. */
  describe(info: PaneInfo): PaneInfo {
    const shell = this.#shells.get(info.pane);
    if (!shell) return info;
    const { argv, openedBy, taskId, isOver } = shell;
    return { ...info, isAlive: !isOver, taskId, shell: { argv: [...argv], openedBy } };
  }

  /** Runs a program in a new pane and gives its number. Refuses a program that cannot be started, and a task without a worktree. */
  open(order: { argv: readonly string[]; task: string | undefined; operator: string }): number {
    const { panes } = this.#parts;
    if (this.#isStopping) refuse('not-running', 'the server stops');
    const place = this.#placeOf(order.task);
    const number = this.#freeNumber();
    const shell: ShellPane = {
      ...place,
      argv: order.argv,
      openedBy: order.operator,
      isLeft: false,
      isOver: false,
      leave: () => undefined,
      gone: Promise.resolve(),
    };
    this.#shells.set(number, shell);
    try {
      const launch = { argv: order.argv, cwd: place.folder, env: this.#environment(place.folder, order.operator) };
      const pane = panes.pane(number);
      const { exited } = pane.run(launch);
      this.#hasOpened = true;
      pane.onTyped((bytes) => {
        shell.isLeft = true;
        if (CLOSES.test(bytes.toString())) shell.leave();
      });
      shell.gone = exited.then((exit) => this.#end(number, pane, shell, exit));
    } catch (error) {
      void this.#remove(number);
      throw error;
    }
    return number;
  }

  /** Ends the program as a terminal does that is closed, then by force; resolves when the pane is gone. Refuses a worker's pane and an unknown one. */
  async close(number: number): Promise<void> {
    const shell = this.#shells.get(number);
    if (!shell) {
      const { taskId } = this.#parts.panes.info(number);
      return refuse(
        'not-allowed',
        `pane ${number} is a worker's, not one that was opened with drover panes`,
        taskId === null ? 'drover panes' : `drover cancel ${taskId}`,
      );
    }
    const pane = this.#parts.panes.pane(number);
    shell.isLeft = true;
    shell.leave();
    pane.kill('SIGHUP');
    // A program that was stopped with ^Z hears nothing until it goes on.
    pane.kill('SIGCONT');
    const force = setTimeout(() => pane.kill('SIGKILL'), GRACE);
    await shell.gone;
    clearTimeout(force);
  }

  /** Ends all of them and what they left behind; none is opened any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#shells.keys()].map((number) => this.close(number)));
    if (!this.#hasOpened) return;
    const { ended } = await endTagged({ name: 'DROVER_SESSION', value: this.#parts.sessionTag }, { graceMs: GRACE });
    if (ended > 0) this.#parts.core.log.info(`ended ${ended} processes that shell panes left behind`);
  }

  /** What ends by itself is still to be read; who has typed into a program leaves it. */
  async #end(number: number, pane: Pane, shell: ShellPane, exit: PtyExit): Promise<void> {
    if (!shell.isLeft) {
      const how = exit.exitCode === null ? `by ${exit.signal}` : `with code ${exit.exitCode}`;
      pane.say(`ended ${how}; Enter closes it`);
      await new Promise<void>((resolve) => {
        shell.leave = resolve;
      });
    }
    await this.#remove(number);
  }

  async #remove(number: number): Promise<void> {
    const shell = this.#shells.get(number);
    if (shell) shell.isOver = true;
    this.#parts.panes.announce(number);
    await this.#parts.panes.remove(number);
    this.#shells.delete(number);
    this.#parts.onGone(number);
  }

  #freeNumber(): number {
    for (let number = FIRST; number <= LAST; number++) if (!this.#shells.has(number)) return number;
    return refuse('not-allowed', `${LAST - FIRST + 1} panes are open already`, 'drover panes');
  }

  #placeOf(reference: string | undefined): { taskId: string | null; folder: string } {
    const { state, paths } = this.#parts.core;
    if (reference === undefined) return { taskId: null, folder: paths.root };
    const task = resolveTask(state, reference);
    const worktree = [...state.worktrees.values()].find((candidate) => candidate.taskId === task.id);
    if (worktree) return { taskId: task.id, folder: worktree.path };
    return refuse('not-running', `${task.id} has no worktree now: it is ${task.status}`, `drover why ${task.id}`);
  }

  #environment(folder: string, operator: string): Record<string, string> {
    return {
      ...childBase(process.env),
      PWD: folder,
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      DROVER_SESSION: this.#parts.sessionTag,
      // Who opened it also is who acts in it.
      DROVER_OPERATOR: operator,
    };
  }
}
