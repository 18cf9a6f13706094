// Owns the promise that doctor tells what is wrong with Claude Code, with programs that stand in for it.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claudeChecks } from '../../../src/cli/verbs/doctor-agent.ts';
import { DEFAULT_CONFIG } from '../../../src/config/schema.ts';

let folder: string;

/** Runs the checks against a shell script; gives id, status and whether there is a fix. */
async function check(script: string | null, more: NodeJS.ProcessEnv = {}) {
  if (script !== null) {
    await writeFile(join(folder, 'claude'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'claude'), 0o755);
  }
  const root = join(folder, 'code', 'repo');
  await mkdir(root, { recursive: true });
  const env = { PATH: `${folder}:/bin:/usr/bin`, HOME: folder, CLAUDECODE: '1', ...more };
  const command = join(folder, script === null ? 'no-such-claude' : 'claude');
  const rows = await claudeChecks({ claude: { ...DEFAULT_CONFIG.claude, command } }, root, { env });
  return rows.map(({ id, status, fix }) => `${id} ${status}${fix === '' ? '' : ' fix'}`);
}

const GOOD =
  'test -z "$CLAUDECODE" || exit 9\ncase "$1" in --version) echo "2.1.197 (Claude Code)";; auth) echo {\\"loggedIn\\": true};; esac';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-preflight-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('the checks of Claude Code', () => {
  it('finds all well, with trust in a folder above', async () => {
    const projects = { [join(folder, 'code')]: { hasTrustDialogAccepted: true } };
    await writeFile(join(folder, '.claude.json'), JSON.stringify({ projects }));
    expect(await check(GOOD)).toEqual(['claude ok', 'login ok', 'trust ok']);
  });

  it('reads the trust from CLAUDE_CONFIG_DIR', async () => {
    const projects = { [join(folder, 'code', 'repo')]: { hasTrustDialogAccepted: true } };
    await mkdir(join(folder, 'config'));
    await writeFile(join(folder, 'config', '.claude.json'), JSON.stringify({ projects }));
    expect(await check(GOOD, { CLAUDE_CONFIG_DIR: join(folder, 'config') })).toContain('trust ok');
    expect(await check(GOOD)).toContain('trust warn fix');
  });

  it.each([['{'], ['null'], ['{"projects": 3}'], ['{"projects": {"/": {"hasTrustDialogAccepted": false}}}']])(
    'takes %s as no trust',
    async (text) => {
      await writeFile(join(folder, '.claude.json'), text);
      expect(await check(GOOD)).toContain('trust warn fix');
    },
  );

  it('says what is missing', async () => {
    expect(await check(null)).toEqual(['claude fail fix']);
    expect(await check('case "$1" in --version) echo 2.1.200;; auth) exit 3;; esac')).toContain('login warn fix');
    expect(await check('case "$1" in --version) echo 2.1.9;; auth) exit 1;; esac')).toEqual([
      'claude warn fix',
      'login fail fix',
      'trust warn fix',
    ]);
    expect(await check('exit 7')).toEqual(['claude fail fix']);
  });
});
