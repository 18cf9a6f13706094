// Tells where a conversation lies on disk, whether it can be resumed, and how its last turn ended.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveReal } from '../../../src/agent/real-path.ts';
import {
  endsInterrupted,
  findTranscript,
  hasConversation,
  projectSlug,
  readTail,
  transcriptsFolder,
} from '../../../src/agent/transcript.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const user = (text: unknown, more: object = {}) => ({
  type: 'user',
  message: { role: 'user', content: text },
  ...more,
});
const assistant = (text: string, more: object = {}) => ({
  type: 'assistant',
  message: { content: [{ type: 'text', text }] },
  ...more,
});

let folder: string;
let where: { worktree: string; env: Record<string, string> };

async function writeTranscript(slug: string, lines: readonly (object | string)[]): Promise<string> {
  const path = join(folder, 'config', 'projects', slug, `${ID}.jsonl`);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return path;
}

beforeEach(async () => {
  folder = resolveReal(await mkdtemp(join(tmpdir(), 'drover-transcript-')));
  where = { worktree: join(folder, 'work tree'), env: { CLAUDE_CONFIG_DIR: join(folder, 'config') } };
  await mkdir(where.worktree);
});

afterEach(() => rm(folder, { recursive: true }));

describe('transcripts', () => {
  it('are found under the slug of the worktree, through a link to it, and under any other', async () => {
    expect(await findTranscript(ID, where)).toBeNull();
    const path = await writeTranscript(projectSlug(where.worktree), []);
    expect(path).toContain('-work-tree/');
    expect(await findTranscript(ID, where)).toBe(path);
    await symlink(where.worktree, join(folder, 'link'));
    expect(await findTranscript(ID, { ...where, worktree: join(folder, 'link') })).toBe(path);
    expect(await findTranscript(ID, { ...where, worktree: '/gone' })).toBe(path);
    expect(transcriptsFolder({ HOME: '/home/ada' })).toBe('/home/ada/.claude/projects');
  });

  it('are not found by an id that is a path', async () => {
    await writeFile(join(folder, 'config.jsonl'), '');
    for (const id of ['../../config', '', 'a/b', `${ID}\0`]) expect(await findTranscript(id, where)).toBeNull();
  });

  it('can be resumed when there is a message', async () => {
    expect(await hasConversation(ID, where)).toBe(false);
    await writeTranscript('x', [{ type: 'summary' }, 'no json', 'null', '']);
    expect(await hasConversation(ID, where)).toBe(false);
    await writeTranscript('x', ['no json', { type: 'summary' }, user('hello')]);
    expect(await hasConversation(ID, where)).toBe(true);
  });

  it('show an interrupt as their last message', async () => {
    const mark = user([{ type: 'text', text: '[Request interrupted by user for tool use]' }]);
    const of = async (...lines: (object | string)[]) =>
      endsInterrupted(await readTail(await writeTranscript('x', lines)));
    expect(await of(user('go'), assistant('yes'), mark)).toBe(true);
    expect(await of(user('go'), user('[Request interrupted by user]'), { type: 'attachment' })).toBe(true);
    expect(await of(user('go'), mark, assistant('going on'))).toBe(false);
    expect(await of(user('go'), mark, user('again'))).toBe(false);
    expect(await of(mark, assistant('of a subagent', { isSidechain: true }))).toBe(true);
    expect(await of(user('go'), assistant('[Request interrupted by user]'))).toBe(false);
    expect(await of()).toBe(false);
    expect(await readTail(join(folder, 'missing'))).toEqual([]);
  });

  it('are read from the end, whole lines only', async () => {
    const path = await writeTranscript('x', [user('x'.repeat(400_000)), assistant('last'), '{"type":"us']);
    expect(await readTail(path)).toEqual([assistant('last')]);
  });
});

describe('resolveReal', () => {
  it('follows links on the way, dangling ones too, and takes `..` after them', async () => {
    const deep = join(folder, 'a', 'b');
    await mkdir(deep, { recursive: true });
    await symlink(deep, join(folder, 'abs'));
    await symlink('a/b', join(folder, 'rel'));
    await symlink('../nowhere/x', join(folder, 'a', 'dangling'));
    await symlink('loop', join(folder, 'loop'));
    const real = (path: string) => resolveReal(`${folder}/${path}`).slice(folder.length);
    expect(real('abs/new/file')).toBe('/a/b/new/file');
    expect(real('rel/../c')).toBe('/a/c');
    expect(real('rel/./../../c//d/')).toBe('/c/d');
    expect(real('a/dangling')).toBe('/nowhere/x');
    expect(real('missing/../x')).toBe('/x');
    expect(() => real('loop/x')).toThrow('too many symbolic links');
    expect(() => resolveReal('relative')).toThrow('not an absolute path');
    expect(resolveReal('/../..')).toBe('/');
  });
});
