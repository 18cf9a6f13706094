// Owns the command line of the rehearsal agent: the flags of Claude Code that Drover gives, and what each means here.
import { randomUUID } from 'node:crypto';

export interface Flags {
  /** Stands in the header and in the terminal's title. */
  readonly name: string;
  readonly sessionId: string;
  readonly isResume: boolean;
  /** Paths of the files with hooks and permission rules, and with MCP servers; null when there is none. */
  readonly settings: string | null;
  readonly mcpConfig: string | null;
  readonly permissionMode: string;
  /** Empty when it starts idle. */
  readonly prompt: string;
}

/** A session's id becomes a file name. */
const SESSION_ID = /^[A-Za-z0-9-]{1,64}$/;

/** Flags that we read, by their long and short names. All take a value; unknown flags with a value are passed over. */
const NAMES: Readonly<Record<string, string>> = { '-n': '--name', '-r': '--resume' };

/** Reads the words behind the program's name. Throws an Error with one sentence when a session's id is none. */
export function readFlags(argv: readonly string[]): Flags {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const values = new Map<string, string>();
  for (let index = 0; index < flags.length; index += 1) {
    const word = flags[index] ?? '';
    const value = flags[index + 1];
    if (!word.startsWith('-') || value === undefined) continue;
    values.set(NAMES[word] ?? word, value);
    index += 1;
  }
  const resumed = values.get('--resume');
  const sessionId = resumed ?? values.get('--session-id') ?? randomUUID();
  if (!SESSION_ID.test(sessionId)) throw new Error(`"${sessionId}" is no id of a session`);
  return {
    name: values.get('--name') ?? 'rehearsal',
    sessionId,
    isResume: resumed !== undefined,
    settings: values.get('--settings') ?? null,
    mcpConfig: values.get('--mcp-config') ?? null,
    permissionMode: values.get('--permission-mode') ?? 'default',
    prompt: end === -1 ? '' : argv.slice(end + 1).join(' '),
  };
}
