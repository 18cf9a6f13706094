// Owns the calls of HTTP hooks: which hook an event goes to by the settings file, and what the answer says.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fieldOf, listOf, recordOf, textOf } from './unknown.ts';

interface Hook {
  readonly event: string;
  /** Null: every tool. */
  readonly matcher: RegExp | null;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** ms. */
  readonly timeout: number;
}

/** What a hook answered. `isUnreachable` is told apart from no opinion: tools that write then ask a person. */
export interface HookAnswer {
  readonly isUnreachable: boolean;
  readonly decision: string;
  readonly reason: string;
  /** Guidance for the agent; empty when there is none. */
  readonly context: string;
  /** Shown to the person; empty when there is none. */
  readonly message: string;
  /** True when the turn stops here. */
  readonly stops: boolean;
  readonly stopReason: string;
  /** Of PermissionRequest: `allow`, `deny` or empty. */
  readonly behavior: string;
  /** Of a PermissionRequest that is denied: why. */
  readonly denial: string;
  /** Of an allowed question: its answers by their questions. */
  readonly answers: Readonly<Record<string, unknown>>;
}

const NO_ANSWER: HookAnswer = {
  isUnreachable: false,
  decision: '',
  reason: '',
  context: '',
  message: '',
  stops: false,
  stopReason: '',
  behavior: '',
  denial: '',
  answers: {},
};

/** ms; Claude Code's default of a hook. */
const DEFAULT_TIMEOUT = 600_000;

/** The hooks and the permission rules of one settings file. */
export class Hooks {
  readonly #hooks: readonly Hook[];
  readonly #common: () => Readonly<Record<string, unknown>>;
  /** Names of tools, or of MCP servers as `mcp__server`, that need no permission. */
  readonly allowed: readonly string[];

  /** `common` gives the fields that stand in each body. A settings file that cannot be read throws. */
  constructor(settings: string | null, common: () => Readonly<Record<string, unknown>>) {
    const file = settings === null ? {} : recordOf(JSON.parse(readFileSync(settings, 'utf8')));
    this.#hooks = readHooks(fieldOf(file, 'hooks'));
    this.#common = common;
    this.allowed = listOf(fieldOf(recordOf(fieldOf(file, 'permissions')), 'allow')).filter(
      (rule) => typeof rule === 'string',
    );
  }

  /** Tells one event and waits for the answer. Never throws; a call that is cut off by the signal counts as no answer. */
  async call(event: string, fields: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<HookAnswer> {
    const tool = textOf(fields, 'tool_name');
    const hook = this.#hooks.find((row) => row.event === event && (row.matcher === null || row.matcher.test(tool)));
    if (hook === undefined) return NO_ANSWER;
    try {
      const body = JSON.stringify({ ...this.#common(), hook_event_name: event, ...fields });
      return readAnswer(await post(hook, body, signal));
    } catch {
      return { ...NO_ANSWER, isUnreachable: true };
    }
  }
}

function readHooks(value: unknown): Hook[] {
  const hooks: Hook[] = [];
  for (const [event, entries] of Object.entries(recordOf(value))) {
    for (const entry of listOf(entries)) {
      const { matcher, hooks: own } = recordOf(entry);
      const pattern = typeof matcher === 'string' && matcher !== '' ? new RegExp(`^(?:${matcher})$`) : null;
      for (const hook of listOf(own).map(recordOf)) {
        if (hook['type'] !== 'http' || typeof hook['url'] !== 'string') continue;
        const seconds = hook['timeout'];
        hooks.push({
          event,
          matcher: pattern,
          url: hook['url'],
          headers: readHeaders(hook['headers']),
          timeout: typeof seconds === 'number' ? seconds * 1000 : DEFAULT_TIMEOUT,
        });
      }
    }
  }
  return hooks;
}

function readHeaders(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(recordOf(value)).map(([name, text]) => [name, String(text)]));
}

/** node:http and not fetch: its limit of 300 s for the first byte would cut a hook that is held. */
function post(hook: Hook, body: string, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      hook.url,
      {
        method: 'POST',
        headers: { ...hook.headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.any([AbortSignal.timeout(hook.timeout), ...(signal ? [signal] : [])]),
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`the hook answered ${response.statusCode}`));
          const text = Buffer.concat(chunks).toString('utf8');
          try {
            resolve(text === '' ? {} : JSON.parse(text));
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

function readAnswer(value: unknown): HookAnswer {
  const answer = recordOf(value);
  const specific = recordOf(answer['hookSpecificOutput']);
  const verdict = recordOf(specific['decision']);
  const isBlocked = answer['decision'] === 'block';
  return {
    isUnreachable: false,
    decision: textOf(specific, 'permissionDecision'),
    reason: textOf(specific, 'permissionDecisionReason'),
    context: textOf(specific, 'additionalContext') || (isBlocked ? textOf(answer, 'reason') : ''),
    message: textOf(answer, 'systemMessage'),
    stops: answer['continue'] === false,
    stopReason: textOf(answer, 'stopReason'),
    behavior: textOf(verdict, 'behavior'),
    denial: textOf(verdict, 'message'),
    answers: recordOf(recordOf(verdict['updatedInput'])['answers']),
  };
}
