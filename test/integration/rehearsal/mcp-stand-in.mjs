// Owns a tiny MCP server: get_task and complete_task, whose answers it takes from one file and whose calls it writes into another.
import { appendFileSync, readFileSync } from 'node:fs';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const { STAND_IN_ANSWERS: answers = '', STAND_IN_CALLS: calls = '' } = process.env;
const server = new Server({ name: 'drover', version: '1' }, { capabilities: { tools: {} } });
const inputSchema = { type: 'object' };
const counts = new Map();

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: ['complete_task', 'get_task'].map((name) => ({ name, description: name, inputSchema })),
}));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
  const count = counts.get(params.name) ?? 0;
  counts.set(params.name, count + 1);
  appendFileSync(calls, `${JSON.stringify({ name: params.name, input: params.arguments })}\n`);
  const texts = JSON.parse(readFileSync(answers, 'utf8'))[params.name] ?? [];
  return { content: [{ type: 'text', text: texts[count] ?? texts.at(-1) ?? 'done' }] };
});
await server.connect(new StdioServerTransport());
