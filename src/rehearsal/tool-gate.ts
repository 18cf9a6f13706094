// Owns the way of one tool call: hooks before, permission, the call, hooks after, and what is told of it on the screen and on disk.
import { randomUUID } from 'node:crypto';
import { ACCENT, BAD, type Block, blank, dim, GOOD, line, WARM } from './block.ts';
import type { Conversation } from './conversation.ts';
import type { Face } from './face.ts';
import type { HookAnswer, Hooks } from './hooks.ts';
import { Interrupted } from './pace.ts';
import { failure, hanging, type ToolResult } from './tools.ts';

export interface ToolCall {
  /** As the hooks know it: `Bash`, `Edit`, `mcp__drover__complete_task`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** As a person reads it: `Bash(npm test)`. */
  readonly label: string;
  /** Tools that write need somebody's yes. */
  readonly writes: boolean;
  readonly execute: (signal: AbortSignal) => Promise<ToolResult>;
}

export interface GateParts {
  readonly face: Face;
  readonly hooks: Hooks;
  readonly conversation: Conversation;
  readonly permissionMode: string;
}

export interface ToolOutcome extends ToolResult {
  /** Drover asked to stop here: the turn is over, without the words that end one. */
  readonly isPaused: boolean;
}

/** A hook said no, and why: the turn goes on. */
interface Denied {
  readonly by: 'denied';
  readonly denial: string;
}

/** Who has answered a dialog, and how. */
type Given =
  | Denied
  /** Null: the dialog was left. */
  | { readonly by: 'key'; readonly index: number | null }
  /** A yes; a question's answers by their questions. */
  | { readonly by: 'hook'; readonly answers: Readonly<Record<string, unknown>> }
  | { readonly by: 'nobody' };

/** ms that a dialog is open before it is notified; what Claude Code waits. */
const NOTIFY_AFTER = 6000;

const PERMISSION_OPTIONS = [
  'Yes',
  'Yes, and do not ask again for such calls in this session',
  'No, and tell me what to do instead',
];

/** All calls of tools go through it. */
export class ToolGate {
  readonly #parts: GateParts;
  /** Kinds of calls that a person has allowed for the session. */
  readonly #remembered = new Set<string>();

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Makes a call. Throws Interrupted when a person stops it. */
  async call(call: ToolCall, signal: AbortSignal): Promise<ToolOutcome> {
    const { face, conversation } = this.#parts;
    const id = `toolu_${randomUUID()}`;
    const fields = { tool_name: call.name, tool_input: call.input, tool_use_id: id };
    conversation.toolUse(id, call.name, call.input);
    const result = await this.#permitted(call, fields, signal).catch((error: unknown) => {
      if (!(error instanceof Interrupted)) throw error;
      face.print(head(call, BAD), hanging('Interrupted'), blank);
      conversation.toolResult(id, "The user doesn't want to proceed with this tool use.", true);
      conversation.interrupted('tool');
      throw error;
    });
    face.print(head(call, result.isError ? BAD : GOOD), ...result.shown, blank);
    conversation.toolResult(id, result.text, result.isError);
    return {
      ...result,
      isPaused: await this.#tellAfter(call, { ...fields, tool_response: result.text }, { result, signal }),
    };
  }

  async #permitted(
    call: ToolCall,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<ToolResult> {
    const { hooks, face } = this.#parts;
    const answer = await hooks.call('PreToolUse', fields, signal);
    if (signal.aborted) throw new Interrupted();
    this.#takeGuidance('PreToolUse', call.name, answer);
    if (answer.decision === 'deny') return failure(answer.reason || 'a hook denied it');
    if (answer.decision !== 'allow' && this.#mustAsk(call, answer)) {
      if (this.#parts.permissionMode === 'dontAsk') return failure('permission was denied');
      const verdict = await this.#askPermission(call, fields, answer, signal);
      if (verdict === 'no') throw new Interrupted();
      if (verdict !== 'yes') return failure(verdict.denial);
    }
    const started = performance.now();
    face.busy(call.name === 'Bash' ? 'Running' : 'Working');
    const result = await call.execute(signal);
    return { ...result, text: result.text || `done in ${Math.round(performance.now() - started)} ms` };
  }

  /** A hook that cannot be reached allows nothing: a tool that writes then needs a person, unless the rules allow it. */
  #mustAsk(call: ToolCall, answer: HookAnswer): boolean {
    if (this.#remembered.has(kindOf(call)) && answer.decision !== 'ask') return false;
    if (answer.decision === 'ask') return !this.#remembered.has(kindOf(call));
    if (!call.writes || this.#isAllowedByRule(call)) return false;
    const { permissionMode } = this.#parts;
    const isEdit = call.name === 'Edit' || call.name === 'Write';
    return permissionMode !== 'bypassPermissions' && !(permissionMode === 'acceptEdits' && isEdit);
  }

  #isAllowedByRule(call: ToolCall): boolean {
    return this.#parts.hooks.allowed.some((rule) => call.name === rule || call.name.startsWith(`${rule}__`));
  }

  async #askPermission(
    call: ToolCall,
    fields: Readonly<Record<string, unknown>>,
    answer: HookAnswer,
    signal: AbortSignal,
  ): Promise<'yes' | 'no' | Denied> {
    const why = answer.isUnreachable ? 'The hook that decides about this tool cannot be reached.' : answer.reason;
    const detail: Block[] = [
      { ...line(call.label, WARM), prefix: '   ' },
      ...(why === '' ? [] : [{ ...dim(why), prefix: '   ' }]),
    ];
    const dialog = {
      title: `Permission for ${call.name}`,
      detail,
      question: 'Do you want to proceed?',
      options: PERMISSION_OPTIONS,
      note: 'press a digit, or choose and Enter · esc to refuse',
    };
    const given = await this.askWithHook(dialog, fields, signal);
    if (given.by === 'denied') return given;
    const index = given.by === 'key' ? given.index : 0;
    if (index === 1) this.#remembered.add(kindOf(call));
    return index === 0 || index === 1 ? 'yes' : 'no';
  }

  /** Shows a dialog and tells the hooks of it; whoever answers first decides. `nobody`: no answer within `patience` (ms). */
  async askWithHook(
    dialog: Parameters<Face['ask']>[0],
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    patience: number | null = null,
  ): Promise<Given> {
    const { face, hooks } = this.#parts;
    const answered = new AbortController();
    const either = AbortSignal.any([signal, answered.signal]);
    const message = `Your rehearsal needs your permission to use ${String(fields['tool_name'])}`;
    const notification = setTimeout(
      () => void hooks.call('Notification', { notification_type: 'permission_prompt', message }, either),
      NOTIFY_AFTER,
    );
    const byKey = face.ask(dialog, either).then((index): Given => ({ by: 'key', index }));
    const byHook = hooks
      .call('PermissionRequest', fields, either)
      .then(({ behavior, answers, denial }): Given | Promise<Given> => {
        if (behavior === 'allow') return { by: 'hook', answers };
        return behavior === 'deny' ? { by: 'denied', denial: denial || 'permission was denied' } : byKey;
      });
    // The loser of the race is cut off by `answered`, which is no mistake.
    for (const loser of [byKey, byHook]) loser.catch(() => undefined);
    let impatience: NodeJS.Timeout | undefined;
    const byTime = new Promise<Given>((resolve) => {
      if (patience !== null) impatience = setTimeout(() => resolve({ by: 'nobody' }), patience);
    });
    try {
      return await Promise.race([byKey, byHook, byTime]);
    } finally {
      clearTimeout(notification);
      clearTimeout(impatience);
      answered.abort();
    }
  }

  /** True when the turn is to stop here. */
  async #tellAfter(
    call: ToolCall,
    fields: Readonly<Record<string, unknown>>,
    { result, signal }: { result: ToolResult; signal: AbortSignal },
  ): Promise<boolean> {
    const { hooks, face } = this.#parts;
    const event = result.isError ? 'PostToolUseFailure' : 'PostToolUse';
    const extra = result.isError ? { error: result.text, is_interrupt: false } : {};
    this.#takeGuidance(event, call.name, await hooks.call(event, { ...fields, ...extra }, signal));
    const batch = await hooks.call('PostToolBatch', { tool_calls: [fields] }, signal);
    this.#takeGuidance('PostToolBatch', '', batch);
    if (batch.stops) {
      face.print(
        hanging(`PostToolBatch hook stopped continuation: ${batch.stopReason || 'no reason given'}`, WARM),
        blank,
      );
    }
    return batch.stops;
  }

  #takeGuidance(event: string, tool: string, { context, message }: HookAnswer): void {
    const { face, conversation } = this.#parts;
    const source = tool === '' ? event : `${event}:${tool}`;
    if (message !== '') face.print(hanging(`${source} says: ${message}`));
    if (context === '') return;
    face.print({ ...line(`Guidance: ${context}`, ACCENT), prefix: '▎ ', prefixStyle: ACCENT }, blank);
    conversation.hookContext(event, tool, context);
  }
}

function head(call: ToolCall, style: string): Block {
  return { ...line(call.label), prefix: '● ', prefixStyle: style, isCode: true };
}

/** What "such calls" means: all edits, or commands of the same program. */
function kindOf(call: ToolCall): string {
  const command = call.input['command'];
  if (typeof command === 'string') return `${call.name} ${command.trim().split(/\s+/)[0] ?? ''}`;
  return call.name === 'Write' ? 'Edit' : call.name;
}
