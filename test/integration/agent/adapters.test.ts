// Tells what each adapter writes and what command line it gives.
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { adapterFor } from '../../../src/agent/adapters.ts';
import type { RunSpec } from '../../../src/agent/agent.ts';
import { DEFAULT_CONFIG } from '../../../src/config/schema.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';
import { makeSpec, taskAtWork } from '../../unit/agent/fixture.ts';

let folder: string;

async function addProgram(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
}

const specWith = (changes: Partial<RunSpec> = {}): RunSpec =>
  makeSpec({ folder: join(folder, 'run'), root: folder, ...changes });
const readJson = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, 'run', name), 'utf8'));

async function refusalOf(spec: RunSpec, kind: 'claude' | 'command' | 'rehearsal') {
  const error: unknown = await adapterFor(kind)
    .prepare(spec)
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof RefusalError)) throw new Error('not refused', { cause: error });
  return error.refusal;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-adapters-'));
  vi.stubEnv('PATH', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('claude', () => {
  it('gives the command line with the prompt last, and private files', async () => {
    const program = await addProgram('claude');
    const config = {
      ...DEFAULT_CONFIG,
      claude: {
        ...DEFAULT_CONFIG.claude,
        model: 'sonnet',
        args: ['--add-dir', '/docs'],
        allow: ['WebFetch'],
        deny: ['Read(//secret/**)'],
      },
    };
    const task = taskAtWork({ title: `Fix\u001b]0;x\u0007 ${'long '.repeat(40)}` });
    const launch = await adapterFor('claude').prepare(specWith({ config, task }));
    const run = join(folder, 'run');
    expect(launch.argv).toEqual([
      program,
      '-n',
      `task-abcde: Fix ]0;x  ${'long '.repeat(40)}`.slice(0, 80).trim(),
      '--session-id',
      '11111111-2222-4333-8444-555555555555',
      '--settings',
      join(run, 'settings.json'),
      '--mcp-config',
      join(run, 'mcp.json'),
      '--append-system-prompt',
      'Stay inside.',
      '--permission-mode',
      'default',
      '--model',
      'sonnet',
      '--add-dir',
      '/docs',
      '--',
      'Work on it.',
    ]);
    expect(launch.cwd).toBe('/data/worktrees/worktree-1');
    expect(launch.env['DROVER_RUN']).toBe('run-1');
    expect(launch.argv.join(' ')).not.toContain('token-of-the-run');
    expect((await stat(run)).mode & 0o777).toBe(0o700);
    for (const name of ['settings.json', 'mcp.json']) expect((await stat(join(run, name))).mode & 0o777).toBe(0o600);
    expect(await readJson('mcp.json')).toEqual({
      mcpServers: {
        drover: {
          type: 'stdio',
          command: '/usr/bin/node',
          args: ['/opt/drover/dist/main.cjs', 'mcp'],
          env: { DROVER_SOCKET: '/tmp/drover-0/x.sock', DROVER_TOKEN: 'token-of-the-run' },
        },
      },
    });
    const settings = await readJson('settings.json');
    const hook = (timeout: number) => ({
      type: 'http',
      url: 'http://127.0.0.1:4711/hook',
      timeout,
      headers: { 'x-drover-token': 'token-of-the-run' },
    });
    expect(settings).toMatchObject({
      tui: 'default',
      disableAllHooks: false,
      permissions: { allow: ['mcp__drover', 'WebFetch'], deny: ['Read(//secret/**)'] },
      hooks: {
        UserPromptSubmit: [{ hooks: [hook(30)] }],
        PreToolUse: [{ hooks: [hook(7200)] }],
        // A person may answer after the week-end.
        PermissionRequest: [{ hooks: [hook(604_800)] }],
        Stop: [{ hooks: [hook(7200)] }],
        SessionEnd: [{ hooks: [hook(5)] }],
      },
    });
  });

  it('resumes, leaves out an empty prompt, and tightens files that were there', async () => {
    await addProgram('claude');
    await adapterFor('claude').prepare(specWith());
    await chmod(join(folder, 'run', 'settings.json'), 0o644);
    const { argv } = await adapterFor('claude').prepare(specWith({ isResume: true, prompt: '' }));
    expect(argv.slice(3, 5)).toEqual(['--resume', '11111111-2222-4333-8444-555555555555']);
    expect(argv).not.toContain('--');
    expect((await stat(join(folder, 'run', 'settings.json'))).mode & 0o777).toBe(0o600);
  });

  it('starts of the project’s MCP servers those that the operator approved', async () => {
    await addProgram('claude');
    const writeJson = async (path: string, content: unknown): Promise<void> => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), JSON.stringify(content));
    };
    vi.stubEnv('CLAUDE_CONFIG_DIR', join(folder, 'config'));
    const worktree = join(folder, 'worktree');
    const names = async () => {
      await adapterFor('claude').prepare(specWith({ worktree }));
      const settings = await readJson('settings.json');
      return JSON.parse(JSON.stringify(settings, ['enabledMcpjsonServers', 'disabledMcpjsonServers']));
    };
    expect(await names()).toEqual({});
    await writeJson('worktree/.mcp.json', { mcpServers: { a: {}, b: {}, c: {} } });
    await writeJson('worktree/.claude/settings.json', { enableAllProjectMcpServers: true });
    await writeJson('.claude/settings.json', { enableAllProjectMcpServers: true });
    expect(await names()).toEqual({ disabledMcpjsonServers: ['a', 'b', 'c'] });
    await writeJson('.claude/settings.local.json', { enabledMcpjsonServers: ['a', 'c'] });
    await writeJson('config/.claude.json', { projects: { [folder]: { disabledMcpjsonServers: ['c'] } } });
    expect(await names()).toEqual({ enabledMcpjsonServers: ['a'], disabledMcpjsonServers: ['b', 'c'] });
    await writeJson('config/settings.json', { enableAllProjectMcpServers: true });
    expect(await names()).toEqual({ enabledMcpjsonServers: ['a', 'b'], disabledMcpjsonServers: ['c'] });
  });

  it('is refused when it is not found', async () => {
    expect(await refusalOf(specWith(), 'claude')).toEqual({
      code: 'no-agent',
      message: 'Claude Code was not found: claude.command is "claude", and PATH has no such program',
      next: 'drover doctor',
    });
  });
});

describe('rehearsal', () => {
  it('takes the same flags and files', async () => {
    await addProgram('claude');
    const real = await adapterFor('claude').prepare(specWith());
    const ours = await adapterFor('rehearsal').prepare(specWith());
    expect(ours.argv).toEqual(['/usr/bin/node', '/opt/drover/dist/main.cjs', 'rehearsal-agent', ...real.argv.slice(1)]);
    expect((await refusalOf(specWith({ rehearsalCommand: [] }), 'rehearsal')).code).toBe('no-agent');
  });
});

describe('command', () => {
  const withArgv = (argv: string[], changes: Partial<RunSpec> = {}) =>
    specWith({ config: { ...DEFAULT_CONFIG, command: { argv } }, ...changes });

  it('fills the template in one pass, without a shell', async () => {
    const program = await addProgram('codex');
    const spec = withArgv(
      ['codex', 'exec', '{prompt}', '--name={task}: {title}', '-C', '{worktree}', '{other}', '{}'],
      {
        prompt: '$(sudo ls) {title}\0',
        task: taskAtWork({ title: '$& {prompt}' }),
      },
    );
    expect((await adapterFor('command').prepare(spec)).argv).toEqual([
      program,
      'exec',
      '$(sudo ls) {title}',
      '--name=task-abcde: $& {prompt}',
      '-C',
      '/data/worktrees/worktree-1',
      '{other}',
      '{}',
    ]);
  });

  it('takes a program with a slash from the repository', async () => {
    await addProgram('agent.sh');
    expect((await adapterFor('command').prepare(withArgv(['./agent.sh']))).argv).toEqual([join(folder, 'agent.sh')]);
  });

  it('is refused without a template or program, naming the key', async () => {
    expect(await refusalOf(withArgv([]), 'command')).toMatchObject({
      code: 'no-agent',
      message: expect.stringContaining('command.argv'),
    });
    await writeFile(join(folder, 'plain'), '');
    for (const name of ['plain', 'missing', '/no/such/program']) {
      expect(await refusalOf(withArgv([name]), 'command')).toMatchObject({
        message: expect.stringContaining(`"${name}"`),
      });
    }
  });
});
