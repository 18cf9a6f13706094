// Owns what each kind of step does, by means of the tools, and what follows from it for the turn.

import { shellQuote } from '../domain/quote.ts';
import type { Position } from './conversation.ts';
import type { Face } from './face.ts';
import type { McpServers } from './mcp.ts';
import { Interrupted, type Pace } from './pace.ts';
import type { Action, Change } from './script.ts';
import type { ToolCall, ToolGate, ToolOutcome } from './tool-gate.ts';
import { bashTool, editTool, failure, hanging, leaveRunning, readTool, type ToolResult } from './tools.ts';
import { readMeaning } from './words.ts';

/** How a turn goes on after a step. `stay` ends it and plays the same step again next time. */
export type After =
  | { readonly kind: 'on' }
  | { readonly kind: 'end-turn' | 'stay' | 'paused'; readonly message: string }
  | { readonly kind: 'api-error'; readonly error: string; readonly message: string }
  | { readonly kind: 'returned'; readonly base: string; readonly isConflict: boolean };

export interface Played {
  readonly after: After;
  /** What the step changed beside the index. */
  readonly position: Partial<Position>;
}

export interface PlayerParts {
  readonly face: Face;
  readonly gate: ToolGate;
  readonly mcp: McpServers;
  readonly pace: Pace;
  readonly cwd: string;
  /** Says something and writes it down. */
  readonly say: (text: string, signal: AbortSignal) => Promise<void>;
  /** Writes the position down before a step that nobody survives. */
  readonly passStep: () => void;
}

/** The script says that the agent dies here: no hook is called, nothing is tidied up. */
export class Crash extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`the script crashes with ${code}`);
    this.code = code;
  }
}

const ON: After = { kind: 'on' };

export class Player {
  readonly #parts: PlayerParts;

  constructor(parts: PlayerParts) {
    this.#parts = parts;
  }

  /** Plays one step. Throws Interrupted when a person stops it. */
  async play(action: Action, signal: AbortSignal): Promise<Played> {
    const { face, pace, say, passStep, cwd } = this.#parts;
    switch (action.kind) {
      case 'say':
        await say(action.text, signal);
        return { after: ON, position: {} };
      case 'think':
        face.busy('Thinking');
        await pace.wait(action.ms, signal);
        return { after: ON, position: {} };
      case 'read':
        return this.#tool(
          {
            name: 'Read',
            input: { file_path: action.file },
            label: `Read(${action.file})`,
            writes: false,
            execute: async () => readTool(action.file, cwd),
          },
          signal,
        );
      case 'edit':
        return this.#tool(this.#editCall(action.file, action.change), signal);
      case 'run':
        return this.#run(action, signal);
      case 'commit':
        return this.#tool(this.#bashCall(commitCommand(action.message)), signal);
      case 'leave-running':
        return this.#tool(
          {
            ...this.#bashCall(action.command),
            input: { command: action.command, run_in_background: true },
            execute: async () => leaveRunning(action.command, cwd),
          },
          signal,
        );
      case 'ask':
        return this.#ask(action, signal);
      case 'complete':
        return this.#complete(action, signal);
      case 'call': {
        const outcome = await this.mcpTool(action.tool, action.input, signal);
        return { after: outcome.isPaused ? paused() : ON, position: {} };
      }
      case 'hang':
        face.busy('Thinking');
        await new Promise((_resolve, reject) => {
          if (signal.aborted) reject(new Interrupted());
          signal.addEventListener('abort', () => reject(new Interrupted()), { once: true });
        });
        return { after: ON, position: {} };
      case 'crash':
        passStep();
        throw new Crash(action.code);
      case 'api-error':
        return { after: { kind: 'api-error', error: action.error, message: action.message }, position: {} };
      case 'end-turn':
        if (action.message !== '') await say(action.message, signal);
        return { after: { kind: 'end-turn', message: action.message }, position: {} };
    }
  }

  /** Merges the base and puts edits on top again where both sides changed the same lines. */
  async mergeBase(base: string, edits: readonly Action[], signal: AbortSignal): Promise<After> {
    const merge = await this.#call(this.#bashCall(`git merge --no-edit ${shellQuote(base)}`), signal);
    if (merge.isPaused) return paused();
    if (!merge.isError) return ON;
    const theirs = this.#bashCall('git diff --name-only -z --diff-filter=U | xargs -0 -r git checkout --theirs --');
    const commands: ToolCall[] = [theirs];
    for (const edit of edits) if (edit.kind === 'edit') commands.push(this.#editCall(edit.file, edit.change));
    commands.push(this.#bashCall('git add -A && git commit --no-edit'));
    for (const command of commands) {
      const outcome = await this.#call(command, signal);
      if (outcome.isPaused) return paused();
    }
    return ON;
  }

  #call(call: ToolCall, signal: AbortSignal): Promise<ToolOutcome> {
    return this.#parts.gate.call(call, signal);
  }

  async #tool(call: ToolCall, signal: AbortSignal): Promise<Played> {
    const outcome = await this.#call(call, signal);
    return { after: outcome.isPaused ? paused() : ON, position: {} };
  }

  #editCall(file: string, change: Change): ToolCall {
    const isWrite = 'content' in change;
    const input = isWrite
      ? { file_path: file, content: change.content }
      : 'append' in change
        ? { file_path: file, old_string: '', new_string: change.append }
        : { file_path: file, old_string: change.find, new_string: change.replace };
    const name = isWrite ? 'Write' : 'Edit';
    const { cwd } = this.#parts;
    return { name, input, label: `${name}(${file})`, writes: true, execute: async () => editTool(file, change, cwd) };
  }

  #bashCall(command: string): ToolCall {
    return {
      name: 'Bash',
      input: { command },
      label: `Bash(${command.split('\n')[0] ?? ''})`,
      writes: true,
      execute: (signal) => bashTool(command, this.#parts.cwd, signal),
    };
  }

  async #run(action: Extract<Action, { kind: 'run' }>, signal: AbortSignal): Promise<Played> {
    const outcome = await this.#call(this.#bashCall(action.command), signal);
    if (outcome.isPaused) return { after: paused(), position: {} };
    if (!outcome.isError) return { after: ON, position: {} };
    await this.#parts.say(`The command \`${action.command}\` failed.`, signal);
    if (!action.must) return { after: ON, position: {} };
    const summary = `The command ${action.command} failed: ${outcome.text.slice(-1000)}`;
    return this.#complete({ kind: 'complete', verdict: 'fail', summary }, signal);
  }

  async #ask(action: Extract<Action, { kind: 'ask' }>, signal: AbortSignal): Promise<Played> {
    const { gate, pace, say } = this.#parts;
    const [first = ''] = action.options;
    const ms = action.patience === null ? null : action.patience / pace.speed;
    const note =
      ms === null
        ? 'press a digit, or choose and Enter'
        : `press a digit · after ${Math.ceil(ms / 1000)} s I take the first`;
    const dialog = { title: 'A question', detail: [], question: action.question, options: action.options, note };
    const options = action.options.map((label) => ({ label, description: '' }));
    const input = { questions: [{ question: action.question, header: 'Question', options, multiSelect: false }] };
    let chosen = first;
    let isUnanswered = false;
    const execute = async (): Promise<ToolResult> => {
      const given = await gate.askWithHook(dialog, { tool_name: 'AskUserQuestion', tool_input: input }, signal, ms);
      if (given.by === 'denied') return failure(given.denial);
      if (given.by === 'key' && given.index === null) throw new Interrupted();
      isUnanswered = given.by === 'nobody';
      if (given.by === 'key') chosen = action.options[given.index ?? 0] ?? first;
      if (given.by === 'hook') chosen = String(given.answers[action.question] ?? first);
      return {
        text: `The user answered: ${chosen}`,
        isError: false,
        shown: [hanging(isUnanswered ? `nobody answered; ${chosen}` : chosen)],
      };
    };
    const call: ToolCall = {
      name: 'AskUserQuestion',
      input,
      label: `Question: ${action.question}`,
      writes: false,
      execute,
    };
    const outcome = await this.#call(call, signal);
    if (isUnanswered) await say(`Nobody answered, so I take the first option: ${chosen}.`, signal);
    return { after: outcome.isPaused ? paused() : ON, position: { answer: chosen } };
  }

  async #complete(action: Extract<Action, { kind: 'complete' }>, signal: AbortSignal): Promise<Played> {
    const { mcp, say } = this.#parts;
    const { verdict, summary } = action;
    const server = await mcp.serverOf('complete_task');
    if (server === null) {
      await say(`There is no tool to complete the task with. My verdict is ${verdict}: ${summary}`, signal);
      return { after: { kind: 'end-turn', message: summary }, position: { isComplete: true } };
    }
    const outcome = await this.mcpTool('complete_task', { verdict, summary }, signal);
    const meaning = outcome.isError ? null : readMeaning(outcome.text);
    if (meaning?.kind === 'returned') return { after: meaning, position: { base: meaning.base } };
    if (outcome.isError) {
      await say('The task could not be completed; I wait for a word.', signal);
      return { after: { kind: 'stay', message: outcome.text }, position: {} };
    }
    // Guidance came with the answer: the step is played again.
    if (outcome.text.startsWith('Not handed in yet'))
      return { after: { kind: 'stay', message: outcome.text }, position: {} };
    return { after: outcome.isPaused ? paused() : ON, position: { isComplete: true } };
  }

  /** Calls a tool of an MCP server like any other tool. */
  async mcpTool(tool: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<ToolOutcome> {
    const server = (await this.#parts.mcp.serverOf(tool)) ?? 'unknown';
    const execute = async (within: AbortSignal): Promise<ToolResult> => {
      try {
        const { text, isError } = await this.#parts.mcp.call(tool, input, within);
        return isError ? failure(text) : { text, isError, shown: [hanging(text.split('\n')[0] ?? '')] };
      } catch (error) {
        if (within.aborted) throw new Interrupted();
        return failure(error instanceof Error ? error.message : String(error));
      }
    };
    const label = `${server} - ${tool} (MCP)`;
    return this.#call({ name: `mcp__${server}__${tool}`, input, label, writes: true, execute }, signal);
  }
}

const paused = (): After => ({ kind: 'paused', message: '' });

/** The real edits are in the working tree; nothing to commit is no failure. */
function commitCommand(message: string): string {
  return `git add -A && { git diff --cached --quiet || git commit -q -m ${shellQuote(message)}; } && git log -1 --oneline`;
}
