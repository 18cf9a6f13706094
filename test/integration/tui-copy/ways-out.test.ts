// Owns the tests of the ways out of copy mode, with real programs: the clipboard and the editor.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyText } from '../../../src/tui/copy-mode/clipboard.ts';
import { editorCommand, openInEditor } from '../../../src/tui/copy-mode/editor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-ways-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const PATH = process.env['PATH'] ?? '';

describe('copying', () => {
  const written: string[] = [];
  const scope = (more: { env?: Record<string, string>; command?: string[] } = {}) => ({
    env: { PATH, ...more.env },
    command: more.command ?? [],
    write: (bytes: Uint8Array) => void written.push(Buffer.from(bytes).toString('latin1')),
  });
  beforeEach(() => {
    written.length = 0;
  });

  test('goes by OSC 52 up to what terminals take', async () => {
    const copied = await copyText('地域\nb', scope());
    expect(copied).toEqual({ ok: true, text: 'copied 3 characters in 2 lines by OSC 52', next: '' });
    expect(written).toEqual([`\x1b]52;c;${Buffer.from('地域\nb').toString('base64')}\x07`]);
    expect(await copyText('x'.repeat(56_244), scope())).toMatchObject({ ok: true });
    expect(await copyText('x'.repeat(56_247), scope())).toMatchObject({ ok: false, next: 'set copyCommand' });
    expect(written).toHaveLength(2);
  });

  test('goes by tmux inside of tmux, the text on its standard input', async () => {
    program('tmux', `echo "$@" > ${folder}/words; cat > ${folder}/text`);
    const copied = await copyText("it's $HOME", scope({ env: { PATH: `${folder}:${PATH}`, TMUX: '/tmp/x,1,0' } }));
    expect(copied).toEqual({ ok: true, text: 'copied 10 characters by tmux load-buffer -w', next: '' });
    expect(readFileSync(join(folder, 'words'), 'utf8')).toBe('load-buffer -w -\n');
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe("it's $HOME");
    expect(written).toEqual([]);
  });

  test('goes by the configured command, which no shell reads', async () => {
    const command = [program('own', `printf %s "$1" > ${folder}/words; cat > ${folder}/text`), '$(id)'];
    expect(await copyText('a', scope({ command, env: { TMUX: 'x' } }))).toMatchObject({ ok: true });
    expect(readFileSync(join(folder, 'words'), 'utf8')).toBe('$(id)');
  });

  test('says why it did not go', async () => {
    const failing = program('failing', 'echo "no display" >&2; exit 3');
    expect(await copyText('a', scope({ command: [failing] }))).toMatchObject({
      ok: false,
      text: `not copied: ${failing}: no display`,
    });
    expect((await copyText('a', scope({ command: [join(folder, 'nothing')] }))).text).toMatch(/ENOENT/);
    expect(await copyText('a', scope({ env: { STY: '1.tty' } }))).toMatchObject({ ok: false, next: 'set copyCommand' });
  });
});

describe('the editor', () => {
  const calls: string[] = [];
  const scope = (env: Record<string, string>) => ({
    env: { PATH, ...env },
    lend: () => void calls.push('lend'),
    reclaim: () => void calls.push('reclaim'),
  });
  beforeEach(() => {
    calls.length = 0;
  });

  test('sees a private file, which is gone when it ends', async () => {
    const editor = program(
      'editor',
      `echo "$1" > ${folder}/word; echo "$2" > ${folder}/path; stat -c %a "$2" > ${folder}/mode; cat "$2" > ${folder}/text`,
    );
    expect(
      await openInEditor('one\ntwo\n', 'pane-1.txt', scope({ EDITOR: `${editor} 'a b'`, VISUAL: ' ' })),
    ).toBeNull();
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trimEnd();
    expect([read('word'), read('mode'), read('text')]).toEqual(['a b', '600', 'one\ntwo']);
    expect(existsSync(read('path'))).toBe(false);
    expect(calls).toEqual(['lend', 'reclaim']);
  });

  test('that fails or is not there gives the terminal back and says so', async () => {
    expect(await openInEditor('x', 'pane-1.txt', scope({ EDITOR: 'false' }))).toMatch(/ended with exit code 1/);
    expect(await openInEditor('x', 'pane-1.txt', scope({ EDITOR: '/no/such' }))).toMatch(/cannot be started/);
    expect(calls).toEqual(['lend', 'reclaim', 'lend', 'reclaim']);
  });

  test('is $VISUAL, then $EDITOR, then vi', () => {
    expect(editorCommand({ VISUAL: 'code --wait', EDITOR: 'nano' })).toEqual(['code', '--wait']);
    expect(editorCommand({ EDITOR: '"my editor" -x' })).toEqual(['my editor', '-x']);
    expect(editorCommand({})).toEqual(['vi']);
  });
});
