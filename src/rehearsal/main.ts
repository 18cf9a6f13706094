// Owns the start and the end of the rehearsal agent: its parts put together, signals, and the exit code.
import { Conversation, conversationsFolder } from './conversation.ts';
import { Face } from './face.ts';
import { readFlags } from './flags.ts';
import { Hooks } from './hooks.ts';
import { McpServers } from './mcp.ts';
import { Pace, readSpeed } from './pace.ts';
import { Crash } from './player.ts';
import { Session } from './session.ts';
import { ToolGate } from './tool-gate.ts';

/** Exit codes after a signal: 128 and its number; SIGINT leaves politely, as Claude Code does. */
const SIGNAL_CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGTERM: 143, SIGHUP: 129, SIGINT: 0 };

/** Plays an interactive agent in this terminal until it is told to leave. Gives the exit code; throws when its files cannot be read. */
export async function runRehearsalAgent(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv);
  const cwd = process.cwd();
  const conversation = new Conversation(conversationsFolder(process.env), { id: flags.sessionId, cwd });
  const remembered = conversation.remember();
  const common = { session_id: flags.sessionId, transcript_path: conversation.path, cwd };
  const hooks = new Hooks(flags.settings, () => ({ ...common, permission_mode: flags.permissionMode }));
  const mcp = new McpServers();
  mcp.start(flags.mcpConfig);
  const pace = new Pace(readSpeed(process.env['DROVER_REHEARSAL_SPEED']));
  const face = new Face({
    input: process.stdin,
    output: process.stdout,
    pace,
    isAlternate: process.env['DROVER_REHEARSAL_SCREEN'] === 'alternate',
    name: flags.name,
    onSubmit: (text) => session.submit(text),
    onInterrupt: () => session.interrupt(),
    onLeave: () => session.leave(),
  });
  const gate = new ToolGate({ face, hooks, conversation, permissionMode: flags.permissionMode });
  face.open();
  const session = new Session({ flags, face, hooks, conversation, gate, mcp, pace, cwd }, remembered);
  process.stdout.on('resize', () => face.resize());
  let code = 0;
  let reason = 'prompt_input_exit';
  for (const [signal, exitCode] of Object.entries(SIGNAL_CODES)) {
    process.on(signal, () => {
      code = exitCode;
      reason = 'other';
      session.leave();
    });
  }
  try {
    await session.run();
  } catch (error) {
    if (error instanceof Crash) return error.code;
    face.close();
    throw error;
  }
  face.close();
  await hooks.call('SessionEnd', { reason });
  await mcp.close();
  conversation.close();
  process.stdout.write(`This rehearsal can be resumed: --resume ${flags.sessionId}\r\n`);
  return code;
}
