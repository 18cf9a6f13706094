// Owns the MCP servers of a rehearsal: started by the configuration file, listed once, called by name.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { listOf, parseRecord, recordOf, textOf } from './unknown.ts';

export interface McpAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** ms; Claude Code's own default, 27.8 hours: a landing may take long. */
const CALL_TIMEOUT = 100_000_000;
/** ms that a server has to end by itself when we leave. */
const CLOSE_PATIENCE = 500;

interface Tools {
  readonly server: string;
  readonly names: ReadonlySet<string>;
  readonly client: Client;
}

/** All servers of one configuration. */
export class McpServers {
  #tools: Promise<readonly Tools[]> = Promise.resolve([]);
  readonly #clients: Client[] = [];

  /** Starts them; a server that does not come up is told by the first call that needs it. */
  start(configuration: string | null): void {
    if (configuration === null) return;
    const servers = recordOf(parseRecord(readFileSync(configuration, 'utf8'))['mcpServers']);
    const started = Object.entries(servers).map(([name, entry]) => this.#connect(name, recordOf(entry)));
    this.#tools = Promise.all(started).then((tools) => tools.filter((row) => row !== null));
  }

  /** The server that has a tool, or null. Waits until all have told their tools. */
  async serverOf(tool: string): Promise<string | null> {
    return (await this.#tools).find(({ names }) => names.has(tool))?.server ?? null;
  }

  /** Calls a tool. Rejects when it is not there, or the signal is raised. */
  async call(tool: string, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<McpAnswer> {
    const found = (await this.#tools).find(({ names }) => names.has(tool));
    if (found === undefined) throw new Error(`no MCP server offers ${tool}`);
    const answer = await found.client.callTool({ name: tool, arguments: input }, undefined, {
      timeout: CALL_TIMEOUT,
      signal,
    });
    const text = listOf(answer['content'])
      .map((block) => textOf(recordOf(block), 'text'))
      .join('\n');
    return { text, isError: answer['isError'] === true };
  }

  /** Ends them; one that takes too long is left to see that its input has closed. */
  async close(): Promise<void> {
    const closed = Promise.allSettled(this.#clients.map((client) => client.close()));
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_PATIENCE).unref())]);
  }

  async #connect(server: string, entry: Readonly<Record<string, unknown>>): Promise<Tools | null> {
    const env = Object.entries({ ...process.env, ...recordOf(entry['env']) }).filter(
      ([, value]) => value !== undefined,
    );
    const transport = new StdioClientTransport({
      command: textOf(entry, 'command'),
      args: listOf(entry['args']).map(String),
      env: Object.fromEntries(env.map(([name, value]) => [name, String(value)])),
      stderr: 'ignore',
    });
    const client = new Client({ name: 'drover-rehearsal', version: '1' });
    this.#clients.push(client);
    try {
      await client.connect(transport);
      const { tools } = await client.listTools();
      return { server, names: new Set(tools.map(({ name }) => name)), client };
    } catch {
      return null;
    }
  }
}
