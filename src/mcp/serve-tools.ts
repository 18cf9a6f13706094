// Owns `drover mcp`: the tools of one agent, whose run's settings give the socket and the token in the environment.
import { connectToServer } from '../client/client.ts';
import { droverVersion } from '../config/version.ts';
import { refuse } from '../domain/refusal.ts';
import { serveMcp } from './mcp-server.ts';

/** Serves on standard input and output until the agent closes its end; the exit code. Refuses outside of an agent. */
export async function serveTools(): Promise<number> {
  const { DROVER_SOCKET: socket, DROVER_TOKEN: token } = process.env;
  if (!socket || !token)
    return refuse(
      'not-allowed',
      'drover mcp serves an agent that Drover has started; there is none here',
      'drover run',
    );
  const paths = { socket, listening: '', root: process.cwd(), log: '' };
  const client = await connectToServer({ paths, kind: 'mcp', operator: 'agent', token, startServer: false });
  const call: typeof client.call = (method, params) => client.call(method, params);
  await serveMcp({ input: process.stdin, output: process.stdout, call, version: droverVersion() });
  client.close();
  return 0;
}
