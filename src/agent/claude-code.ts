// Owns how Claude Code is started: interactive, in a pty, with our hooks and MCP server beside the operator's own.

import { findTrust } from '../config/claude-trust.ts';
import { refuse } from '../domain/refusal.ts';
import type { AgentAdapter } from './agent.ts';
import { childEnvironment } from './environment.ts';
import { hookedArguments, withArguments, writeRunFiles } from './hooked-agent.ts';
import { findProgram } from './program.ts';

/** The adapter of `agent: claude`. Refuses (`no-agent`) when `claude.command` is not found. */
export const claudeCode: AgentAdapter = {
  kind: 'claude',
  hasHooks: true,
  async find({ config, root }) {
    const { command } = config.claude;
    const program = await findProgram(command, { path: process.env['PATH'] ?? '', folder: root });
    const message = `Claude Code was not found: claude.command is "${command}", and PATH has no such program`;
    return program ?? refuse('no-agent', message, 'drover doctor');
  },
  async prepare(spec) {
    const program = await claudeCode.find(spec);
    const env = childEnvironment(spec, process.env);
    const { args } = spec.config.claude;
    const flags = hookedArguments(spec, await writeRunFiles(spec, env));
    const launch = { argv: [program, ...withArguments(flags, args)] as const, cwd: spec.worktree, env };
    // Until it is answered no hook of ours runs: nothing else would tell that it waits.
    const isTrusted = env['CLAUDE_CODE_SANDBOXED'] !== undefined || (await findTrust(spec.root, env)) !== null;
    return isTrusted ? launch : { ...launch, asksFirst: 'Claude Code asks whether this repository can be trusted' };
  },
};
