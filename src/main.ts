// Owns the way from the words of the command line to one role, and the exit code. Everything else is loaded when it is needed.
import { askOneline } from './cli/oneline.ts';
import type { Roles } from './cli/shell.ts';

const words = process.argv.slice(2);

/** The roles that the shell borrows from rooms it may not know. */
const roles: Roles = {
  prepareWorkspace: async (options) => (await import('./tui/workspace.ts')).prepareWorkspace(options),
  looks: async (homes) => (await import('./tui/layout/catalogue.ts')).lookNames(homes),
  settingsMistakes: async (config, homes) =>
    (await import('./tui/settings-mistakes.ts')).settingsMistakes(config, homes),
  createDemoRepository: async (folder) => (await import('./demo/create.ts')).createDemoRepository(folder),
  runMcpServer: async () => (await import('./mcp/serve-tools.ts')).serveTools(),
};

/** Verbs that open the workspace. */
const OPENERS = ['attach', 'a', 'run'];

async function runRole(): Promise<number> {
  const [first] = words;
  if (words.length === 2 && first === 'status' && words[1] === '--oneline') {
    const line = await askOneline();
    if (line !== null && writeQuickly(`${line}\n`)) process.exit(0);
  }
  if (first === '__server') return (await import('./server/main.ts')).runServer(words.slice(1));
  if (first === '__rehearsal') return (await import('./rehearsal/main.ts')).runRehearsalAgent(words.slice(1));
  if (first === '__tree') return (await import('./pool/dependencies/tree-job.ts')).runTreeJob();
  const opensWorkspace = OPENERS.includes(first ?? '') && process.getBuiltinModule('node:tty').isatty(1);
  if (opensWorkspace) (await import('./client/server-process.ts')).holdServer(process.cwd());
  tolerateClosedOutput();
  const [{ runCli }, { processShell }] = await Promise.all([import('./cli/main.ts'), import('./cli/shell.ts')]);
  return runCli(words, processShell(roles));
}

/** Writes without setting up a stream, which would cost more than the rest; false when the descriptor would block. */
function writeQuickly(text: string): boolean {
  try {
    process.getBuiltinModule('node:fs').writeSync(1, text);
    return true;
  } catch (error) {
    return isClosedPipe(error);
  }
}

/** EPIPE: the reader of a pipe has gone; EIO: the terminal has. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'EIO');
}

/** `drover list | head` closes the pipe when it has seen enough: that is no mistake of anybody. */
function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!isClosedPipe(error)) endUnwritten(error);
    });
  }
}

/** A script must not take half an output, cut by a full disk, for a whole one. */
function endUnwritten(error: Error): never {
  try {
    process.getBuiltinModule('node:fs').writeSync(2, `drover: the output cannot be written: ${error.message}\n`);
  } finally {
    process.exit(1);
  }
}

/** Ends the process once what was written has left it; a handle that somebody forgot must not keep the shell waiting. */
function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', (error) => {
    if (error && !isClosedPipe(error)) endUnwritten(error);
    process.stderr.write('', () => process.exit(code));
  });
}

runRole().then(leave, (error: unknown) => {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`drover: this is a fault of Drover: ${detail}\n`, () => process.exit(70));
});
