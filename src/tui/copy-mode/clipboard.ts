// Owns the ways out of copy mode: the clipboard of the terminal, of the tmux around it, or a command of the person's own.
import { spawn } from 'node:child_process';
import { charactersOf } from './row.ts';

export interface ClipboardScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** argv of the configured command; empty for none. */
  readonly command: readonly string[];
  /** Writes bytes to the outer terminal. */
  readonly write: (bytes: Uint8Array) => void;
}

export interface Copied {
  readonly ok: boolean;
  /** One sentence: which way it went and how much it was, or why it did not go. */
  readonly text: string;
  /** What to do then; empty when there is nothing. */
  readonly next: string;
}

/** Base64 characters of one OSC 52: xterm and its like take no longer sequence. */
const MOST_ENCODED = 74_994;
/** ms after which a copying program is given up. */
const PATIENCE = 5_000;

/** Copies a text; says which way it went. Never throws. */
export async function copyText(text: string, scope: ClipboardScope): Promise<Copied> {
  const { env, command } = scope;
  const [program] = command;
  if (program !== undefined) return copyBy(command, { text, env, way: program });
  if ((env['TMUX'] ?? '') !== '')
    return copyBy(['tmux', 'load-buffer', '-w', '-'], { text, env, way: 'tmux load-buffer -w' });
  if ((env['STY'] ?? '') !== '')
    return { ok: false, text: 'not copied: GNU screen passes no clipboard on', next: 'set copyCommand' };
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  if (encoded.length > MOST_ENCODED) {
    const most = Math.floor((MOST_ENCODED / 4) * 3);
    return {
      ok: false,
      text: `not copied: a terminal takes ${most} bytes, ${amount(text)} are more`,
      next: 'set copyCommand',
    };
  }
  scope.write(Buffer.from(`\x1b]52;c;${encoded}\x07`, 'latin1'));
  return { ok: true, text: `copied ${amount(text)} by OSC 52`, next: '' };
}

/** `12 characters`, or `340 characters in 7 lines`. */
function amount(text: string): string {
  let characters = 0;
  for (const _ of charactersOf(text)) characters += 1;
  const lines = text.split('\n').length;
  return `${characters} ${characters === 1 ? 'character' : 'characters'}${lines > 1 ? ` in ${lines} lines` : ''}`;
}

/** The text goes to the program's standard input; no shell is between. */
function copyBy(
  [file = '', ...args]: readonly string[],
  { text, env, way }: { text: string; env: ClipboardScope['env']; way: string },
): Promise<Copied> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: { ...env }, stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    const finish = (result: Copied): void => {
      clearTimeout(timer);
      // A program such as xclip stays behind with the text; it must not keep us.
      child.unref();
      child.stderr.destroy();
      resolve(result);
    };
    const fail = (why: string): void => finish({ ok: false, text: `not copied: ${way}: ${why}`, next: '' });
    const timer = setTimeout(() => {
      child.kill();
      fail('it took too long');
    }, PATIENCE);
    child.stderr.on('data', (bytes: Buffer) => {
      if (complaint.length < 500) complaint += bytes.toString('utf8');
    });
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => {
      if (code === 0) finish({ ok: true, text: `copied ${amount(text)} by ${way}`, next: '' });
      else fail(complaint.trim().split('\n')[0] || `it ended with ${code}`);
    });
    // A program that ends early closes its end; its exit code says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}
