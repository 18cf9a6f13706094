// Owns how Claude Code is started: interactive, in a pty, with our hooks and MCP server beside the operator's own.
import { refuse } from '../domain/refusal.ts';
import type { AgentAdapter } from './agent.ts';
import { childEnvironment } from './environment.ts';
import { hookedArguments, withArguments, writeRunFiles } from './hooked-agent.ts';
import { findTrust } from './preflight.ts';
import { findProgram } from './program.ts';

/** The adapter of `agent: claude`. Refuses (`no-agent`) when `claude.command` is not found. */
export const claudeCode: AgentAdapter = {
  kind: 'claude',
  hasHooks: true,
  async prepare(spec) {
    const env = childEnvironment(spec, process.env);
    const { command, args } = spec.config.claude;
    const program = await findProgram(command, { path: env['PATH'] ?? '', folder: spec.root });
    if (program === null) {
      refuse(
        'no-agent',
        `Claude Code was not found: claude.command is "${command}", and PATH has no such program`,
        'npm install -g @anthropic-ai/claude-code',
      );
    }
    const flags = hookedArguments(spec, await writeRunFiles(spec, env));
    const launch = { argv: [program, ...withArguments(flags, args)] as const, cwd: spec.worktree, env };
    // Until it is answered no hook of ours runs: nothing else would tell that it waits.
    const isTrusted = env['CLAUDE_CODE_SANDBOXED'] !== undefined || (await findTrust(spec.root, env)) !== null;
    return isTrusted ? launch : { ...launch, asksFirst: 'Claude Code asks whether this repository can be trusted' };
  },
};
