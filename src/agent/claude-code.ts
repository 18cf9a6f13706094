// Owns how Claude Code is started: interactive, in a pty, with our hooks and MCP server beside the operator's own.
import { refuse } from '../domain/refusal.ts';
import type { AgentAdapter } from './agent.ts';
import { childEnvironment } from './environment.ts';
import { hookedArguments, withArguments, writeRunFiles } from './hooked-agent.ts';
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
    return { argv: [program, ...withArguments(flags, args)], cwd: spec.worktree, env };
  },
};
