// Owns the server's door: a request is validated, the caller's role is checked, its handler is called, and every error becomes an answer.
import { quote } from '../domain/quote.ts';
import { RefusalError, refuse } from '../domain/refusal.ts';
import type { Failure, Request, Success } from '../protocol/message.ts';
import { type MethodName, type Params, PROTOCOL_VERSION, type Result } from '../protocol/methods.ts';
import { describeIssues, SCHEMAS } from '../protocol/schemas.ts';
import type { ClientSession } from './client-session.ts';
import type { Core } from './core.ts';
import { requireLooking } from './read-only.ts';

export type Handlers = {
  readonly [M in MethodName]: (params: Params<M>, client: ClientSession) => Promise<Result<M>> | Result<M>;
};

/** What an agent's token opens; everything else is the operator's. */
const AGENT_METHODS: ReadonlySet<MethodName> = new Set<MethodName>([
  'session.hello',
  'agent.mcp-ready',
  'agent.complete',
  'agent.task',
  'agent.tasks',
  'agent.record-findings',
  'agent.decompose',
  'agent.stop-waiting',
  'agent.subtask-news',
  'agent.subtask-status',
  'agent.create-subtask',
]);

/** Characters of a complaint: it may quote what a stranger sent, up to a whole frame of it. */
const MOST_WORDS = 500;

export class Dispatcher {
  readonly #core: Core;
  readonly #handlers: Handlers;

  constructor(core: Core, handlers: Handlers) {
    this.#core = core;
    this.#handlers = handlers;
  }

  /** Answers a request. Never throws. */
  async answer(message: unknown, client: ClientSession): Promise<Success | Failure> {
    const id = idOf(message);
    try {
      const result = await this.#call(message as Request, client);
      return { id, result };
    } catch (error) {
      if (error instanceof RefusalError) return { id, error: error.refusal };
      this.#core.log.error(`method ${String((message as Request)?.method)}`, error);
      const text = error instanceof Error ? error.message : String(error);
      return { id, error: { code: 'unknown-method', message: text, next: '', fault: true } };
    }
  }

  async #call(request: Request, client: ClientSession): Promise<unknown> {
    const method = request?.method;
    if (typeof method !== 'string' || !Object.hasOwn(SCHEMAS, method)) {
      refuse(
        'unknown-method',
        `the server knows no method ${typeof method === 'string' ? quote(method) : 'of that kind'}`,
        'drover server restart',
      );
    }
    if (method === 'session.hello') requireProtocol(request.params);
    if (method !== 'session.hello' && !client.hasGreeted) refuse('not-allowed', 'say session.hello first');
    if (client.isAgent !== AGENT_METHODS.has(method) && method !== 'session.hello') {
      refuse('not-allowed', `${method} is not for ${client.isAgent ? 'an agent' : 'an operator'}`);
    }
    if (client.isReadOnly) requireLooking(method);
    const parsed = SCHEMAS[method].safeParse(request.params ?? {});
    if (!parsed.success) refuse('bad-params', `${method}: ${describeIssues(parsed.error).slice(0, MOST_WORDS)}`);
    const handler = this.#handlers[method] as (params: unknown, client: ClientSession) => unknown;
    return handler(parsed.data, client);
  }
}

/** Before anything else of a greeting is looked at: another version may greet in another form. */
function requireProtocol(params: unknown): void {
  const theirs = typeof params === 'object' && params !== null && 'protocol' in params ? params.protocol : undefined;
  if (typeof theirs !== 'number' || theirs === PROTOCOL_VERSION) return;
  refuse(
    'protocol-version',
    `the server speaks protocol ${PROTOCOL_VERSION}, this program ${theirs}: they are of different versions of Drover`,
    'drover server restart',
  );
}

function idOf(message: unknown): number {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : 0;
  return typeof id === 'number' ? id : 0;
}
