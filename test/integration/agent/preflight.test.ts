// Tells what is found about Claude Code, with programs that stand in for it.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkClaude } from '../../../src/agent/preflight.ts';

let folder: string;

/** Runs the preflight against a shell script; gives id, status and whether there is a fix. */
async function check(script: string | null, more: NodeJS.ProcessEnv = {}) {
  if (script !== null) {
    await writeFile(join(folder, 'claude'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'claude'), 0o755);
  }
  const root = join(folder, 'code', 'repo');
  await mkdir(root, { recursive: true });
  const env = { PATH: `${folder}:/bin:/usr/bin`, HOME: folder, CLAUDECODE: '1', ...more };
  const findings = await checkClaude({ command: script === null ? 'no-such-claude' : 'claude', env, root });
  return findings.map(({ id, status, fix }) => `${id} ${status}${fix === '' ? '' : ' fix'}`);
}

const GOOD =
  'test -z "$CLAUDECODE" || exit 9\ncase "$1" in --version) echo "2.1.197 (Claude Code)";; auth) exit 0;; esac';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-preflight-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('checkClaude', () => {
  it('finds all well, with trust in a folder above', async () => {
    const projects = { [join(folder, 'code')]: { hasTrustDialogAccepted: true } };
    await writeFile(join(folder, '.claude.json'), JSON.stringify({ projects }));
    expect(await check(GOOD)).toEqual(['claude-version ok', 'claude-login ok', 'claude-trust ok']);
  });

  it('reads the trust from CLAUDE_CONFIG_DIR', async () => {
    const projects = { [join(folder, 'code', 'repo')]: { hasTrustDialogAccepted: true } };
    await mkdir(join(folder, 'config'));
    await writeFile(join(folder, 'config', '.claude.json'), JSON.stringify({ projects }));
    expect(await check(GOOD, { CLAUDE_CONFIG_DIR: join(folder, 'config') })).toContain('claude-trust ok');
    expect(await check(GOOD)).toContain('claude-trust fail fix');
  });

  it.each([['{'], ['null'], ['{"projects": 3}'], ['{"projects": {"/": {"hasTrustDialogAccepted": false}}}']])(
    'takes %s as no trust',
    async (text) => {
      await writeFile(join(folder, '.claude.json'), text);
      expect(await check(GOOD)).toContain('claude-trust fail fix');
    },
  );

  it('says what is missing', async () => {
    expect(await check(null)).toEqual(['claude-version fail fix']);
    expect(await check('case "$1" in --version) echo 2.1.9;; auth) exit 1;; esac')).toEqual([
      'claude-version warn fix',
      'claude-login fail fix',
      'claude-trust fail fix',
    ]);
    expect(await check('exit 7')).toEqual([
      'claude-version fail fix',
      'claude-login warn fix',
      'claude-trust fail fix',
    ]);
  });
});
