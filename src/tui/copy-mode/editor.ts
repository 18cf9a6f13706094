// Owns the opening of a text in the person's editor: a private file, the terminal lent to the editor, and nothing left behind.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitWords } from '../../client/command-line.ts';

export interface EditorScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gives the terminal away, and takes it back. */
  readonly lend: () => void;
  readonly reclaim: () => void;
}

/** The words of `$VISUAL`, else `$EDITOR`, else vi. */
export function editorCommand(env: EditorScope['env']): readonly string[] {
  const line = (env['VISUAL'] ?? '').trim() || (env['EDITOR'] ?? '').trim() || 'vi';
  return splitWords(line).map(({ text }) => text);
}

/** Shows a text in the editor until it ends. Resolves to null, or to why it could not be shown. */
export async function openInEditor(text: string, name: string, scope: EditorScope): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-'));
  try {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    const [file = 'vi', ...args] = editorCommand(scope.env);
    scope.lend();
    try {
      return await run(file, [...args, path], scope.env);
    } finally {
      scope.reclaim();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(file: string, args: readonly string[], env: EditorScope['env']): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: { ...env }, stdio: 'inherit' });
    child.on('error', (error) => resolve(`the editor ${file} cannot be started: ${error.message}`));
    child.on('exit', (code, signal) =>
      resolve(code === 0 ? null : `the editor ${file} ended with ${signal ?? `exit code ${code}`}`),
    );
  });
}
