// Owns the MCP server that an agent starts: stdio towards the agent, one injected call towards Drover.
import type { Readable, Writable } from 'node:stream';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { explainFailure, type McpCall, TOOLS } from './tools.ts';

export interface McpOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly call: McpCall;
  readonly version: string;
}

/** Serves until the agent closes its end. Tells Drover each time that the list of tools has been written out. */
export async function serveMcp(options: McpOptions): Promise<void> {
  const { input, output, call, version } = options;
  const server = new Server({ name: 'drover', version }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => {
    // After the answer: the prompt that waits for it may go as soon as Drover hears of it.
    setImmediate(() => void tellReady(call));
    return { tools: TOOLS.map(({ name, description, inputSchema }) => ({ name, description, inputSchema })) };
  });
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal, sendNotification, _meta: meta }) => {
    const progressToken = meta?.progressToken;
    let progress = 0;
    const tell = (message: string): void => {
      if (progressToken === undefined || message === '') return;
      progress += 1;
      const notification = { method: 'notifications/progress', params: { progressToken, progress, message } } as const;
      sendNotification(notification).catch(() => undefined);
    };
    return callTool({ name: params.name, input: params.arguments, call, signal, tell });
  });
  const closed = new Promise<void>((resolve) => {
    server.onclose = resolve;
  });
  const end = (): void => void server.close();
  input.once('end', end).once('close', end);
  // The agent may be killed while we write.
  output.on('error', end);
  await server.connect(new StdioServerTransport(input, output));
  await closed;
}

/** A server that is gone is told to the model by the first tool it calls. */
async function tellReady(call: McpCall): Promise<void> {
  await call('agent.mcp-ready', {}).catch(() => undefined);
}

interface ToolAnswer {
  content: { type: 'text'; text: string }[];
  isError?: boolean;
  [key: string]: unknown;
}

interface ToolCall {
  readonly name: string;
  readonly input: unknown;
  readonly call: McpCall;
  /** Raised when the agent breaks the call off. */
  readonly signal: AbortSignal;
  /** Shows a line in the agent's pane while the call goes on. */
  readonly tell: (message: string) => void;
}

async function callTool({ name, input, call, signal, tell }: ToolCall): Promise<ToolAnswer> {
  const tool = TOOLS.find((row) => row.name === name);
  const over = new AbortController();
  try {
    if (tool === undefined)
      throw new Error(`there is no tool ${name}; there are ${TOOLS.map((row) => row.name).join(', ')}`);
    const answer = tool.run(input, call);
    if (tool.waits(input)) {
      signal.addEventListener('abort', () => void call('agent.stop-waiting', {}).catch(() => undefined));
      void tellNews(call, tell, AbortSignal.any([signal, over.signal]));
    }
    return { content: [{ type: 'text', text: await answer }] };
  } catch (error) {
    return { content: [{ type: 'text', text: explainFailure(error) }], isError: true };
  } finally {
    over.abort();
  }
}

/** How the sub-tasks stand that a call waits for, until it is answered. */
async function tellNews(call: McpCall, tell: (message: string) => void, over: AbortSignal): Promise<void> {
  let seen = '';
  while (!over.aborted) {
    const news = await call('agent.subtask-news', { seen }).catch(() => null);
    if (news === null || over.aborted) return;
    seen = news.words;
    tell(seen);
  }
}
