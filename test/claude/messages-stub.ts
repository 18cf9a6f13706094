// Owns a stand-in for the Messages API on loopback: it streams what a test's script says, and keeps every request.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the model does next. */
export type Step =
  | { readonly say: string }
  | { readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  /** The API itself fails: an HTTP status and the `error.type` of its body. */
  | { readonly status: number; readonly error: string };

export interface Block {
  readonly type: string;
  readonly text?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly content?: unknown;
  readonly is_error?: boolean;
}

export interface Message {
  readonly role: string;
  readonly content: string | readonly Block[];
}

/** A request for the model's next words, as the agent made it. */
export interface ModelRequest {
  readonly system: string;
  readonly tools: readonly string[];
  readonly messages: readonly Message[];
  /** What came after the model's last words: the prompt, a tool's result, a hook's text. */
  readonly news: string;
}

/** The whole of a conversation's texts, tool inputs and results, in order. */
export function historyOf(request: ModelRequest): string {
  return request.messages.map(({ content }) => textOf(content)).join('\n');
}

/** Says what the model does; may wait for something before it does. */
export type Script = (request: ModelRequest) => Step | Promise<Step>;

/** One step after another, whatever the requests hold; a request beyond the last step is answered with `Nothing more.` */
export function inOrder(...steps: readonly (Step | Script)[]): Script {
  const left = [...steps];
  return (request) => {
    const step = left.shift() ?? { say: 'Nothing more.' };
    return typeof step === 'function' ? step(request) : step;
  };
}

/** ms after which a request that never came fails the test. */
const PATIENCE = 90_000;

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return (content as readonly Block[])
    .map((block) => {
      if (block.type === 'text') return block.text ?? '';
      if (block.type === 'tool_use') return `${block.name} ${JSON.stringify(block.input)}`;
      return block.type === 'tool_result' ? textOf(block.content) : '';
    })
    .join('\n');
}

interface Body {
  readonly model?: string;
  readonly system?: unknown;
  readonly tools?: readonly { name: string }[];
  readonly messages?: readonly Message[];
}

function readRequest(body: Body): ModelRequest {
  const messages = body.messages ?? [];
  const last = messages.map(({ role }) => role).lastIndexOf('assistant');
  return {
    system: textOf(body.system),
    tools: (body.tools ?? []).map(({ name }) => name),
    messages,
    news: messages
      .slice(last + 1)
      .map(({ content }) => textOf(content))
      .join('\n'),
  };
}

export class MessagesStub {
  readonly #server: Server;
  readonly #script: Script;
  readonly #waiting = new Set<() => void>();
  #count = 0;
  /** Requests that offer tools, in the order in which they came; the small ones beside them (titles) are answered and forgotten. */
  readonly requests: ModelRequest[] = [];
  /** Faults of a script. */
  readonly faults: unknown[] = [];

  private constructor(script: Script) {
    this.#script = script;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((fault: unknown) => {
        this.faults.push(fault);
        response.destroy();
      });
    });
  }

  static async start(script: Script): Promise<MessagesStub> {
    const stub = new MessagesStub(script);
    await new Promise<void>((resolve, reject) => {
      stub.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return stub;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the stub does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Resolves with the first request that the check wants, also one that came before. */
  async request(check: (request: ModelRequest) => boolean, note: string): Promise<ModelRequest> {
    const find = (): ModelRequest | undefined => this.requests.find(check);
    const known = find();
    if (known) return known;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const news = this.requests.map((request, index) => `${index}: ${request.news.slice(0, 300)}`);
        reject(new Error(`no such request came: ${note}\n${news.join('\n')}`));
      }, PATIENCE);
      const look = (): void => {
        const found = find();
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    // Probes of whether there is an API at all.
    if (request.method !== 'POST') return void response.writeHead(200).end();
    if (path === '/v1/messages/count_tokens') return replyJson(response, 200, { input_tokens: 10 });
    if (path !== '/v1/messages') return replyJson(response, 404, apiError('not_found_error'));
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body;
    const read = readRequest(body);
    if (read.tools.length === 0) return this.#stream(response, body, { say: 'A title' });
    this.requests.push(read);
    for (const look of [...this.#waiting]) look();
    const step = await this.#script(read);
    if ('status' in step) return replyJson(response, step.status, apiError(step.error));
    this.#stream(response, body, step);
  }

  #stream(response: ServerResponse, { model }: Body, step: Exclude<Step, { status: number }>): void {
    if (response.destroyed) return;
    this.#count += 1;
    const send = (type: string, data: object): void =>
      void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const usage = { input_tokens: 5, output_tokens: 1 };
    const message = { id: `msg_${this.#count}`, type: 'message', role: 'assistant', model, content: [], usage };
    send('message_start', { message: { ...message, stop_reason: null, stop_sequence: null } });
    if ('tool' in step) {
      const block = { type: 'tool_use', id: `toolu_${this.#count}`, name: step.tool, input: {} };
      send('content_block_start', { index: 0, content_block: block });
      const delta = { type: 'input_json_delta', partial_json: JSON.stringify(step.input) };
      send('content_block_delta', { index: 0, delta });
    } else {
      send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
      send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: step.say } });
    }
    send('content_block_stop', { index: 0 });
    const reason = 'tool' in step ? 'tool_use' : 'end_turn';
    send('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 5 } });
    send('message_stop', {});
    response.end();
  }
}

const apiError = (type: string): object => ({ type: 'error', error: { type, message: `the stub says ${type}` } });

function replyJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
