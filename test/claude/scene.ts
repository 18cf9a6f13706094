// Owns what a test with the real Claude Code stands on: a stage of its own, a configuration in which nobody is asked anything, and the stub as its API.
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type Stage, setStage } from '../e2e/stage.ts';
import type { Scene } from '../integration/cli/scene.ts';
import { MessagesStub, type ModelRequest, type Script, type Step } from './messages-stub.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PROGRAM = join(ROOT, '.cache', 'claude', 'node_modules', '.bin', 'claude');
/** No key of anybody's. */
const KEY = 'sk-ant-dummy-0123456789abcdefghij';

export interface ClaudeStage extends Stage {
  readonly stub: MessagesStub;
}

export interface SceneOptions {
  /** Added to the operator's own configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `claude.command`; without it the program that fetch-claude.mjs has fetched. */
  readonly command?: string;
  readonly isLoggedIn?: boolean;
  readonly isTrusted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Sets the stage for agents whose model does what the script says. */
export async function setClaudeStage(script: Script, options: SceneOptions = {}): Promise<ClaudeStage> {
  if (!existsSync(PROGRAM)) throw new Error('Claude Code is not there; run node test/claude/fetch-claude.mjs');
  const stub = await MessagesStub.start(script);
  try {
    const furnish = (scene: Scene): Record<string, string> => {
      const configFolder = join(scene.env['HOME'] ?? '', 'claude-config');
      writeClaudeConfig(configFolder, scene.repository, options);
      writeOperatorConfig(scene, options);
      return { ...claudeEnvironment(stub.url, configFolder, options), ...options.env };
    };
    const stage = await setStage({ furnish });
    const strike = async (): Promise<void> => {
      try {
        await stage.strike();
      } finally {
        await stub.close();
      }
      if (stub.faults.length > 0) throw new Error('the script of the stub failed', { cause: stub.faults[0] });
    };
    return { ...stage, stub, strike };
  } catch (error) {
    await stub.close();
    throw error;
  }
}

/** What an operator has answered once and for all: the first-run questions, the key, the trust of the repository. */
function writeClaudeConfig(folder: string, repository: string, { isTrusted = true }: SceneOptions): void {
  mkdirSync(folder, { recursive: true });
  const config = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
    projects: isTrusted ? { [realpathSync(repository)]: { hasTrustDialogAccepted: true } } : {},
  };
  writeFileSync(join(folder, '.claude.json'), JSON.stringify(config));
}

function writeOperatorConfig(scene: Scene, { config = {}, command = PROGRAM }: SceneOptions): void {
  const folder = join(scene.env['HOME'] ?? '', '.config', 'drover');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), stringify({ agent: 'claude', claude: { command }, ...config }));
}

function claudeEnvironment(
  url: string,
  configFolder: string,
  { isLoggedIn = true }: SceneOptions,
): Record<string, string> {
  return {
    CLAUDE_CONFIG_DIR: configFolder,
    ANTHROPIC_BASE_URL: url,
    ...(isLoggedIn ? { ANTHROPIC_API_KEY: KEY } : {}),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
  };
}

/** The worktree that the house rules name to the agent. */
export function worktreeOf(request: ModelRequest): string {
  const path = /Work only inside this git worktree: (\S+)\. Other/.exec(request.system)?.[1];
  if (path === undefined) throw new Error('the system prompt names no worktree');
  return path;
}

/** The step with which an agent ends its task. */
export function completes(summary: string, verdict: 'pass' | 'fail' | 'blocked' = 'pass'): Step {
  return { tool: 'mcp__drover__complete_task', input: { verdict, summary } };
}

/** A shell command. */
export function bash(command: string): Step {
  return { tool: 'Bash', input: { command, description: 'A step of the test' } };
}
