// Owns how any other program is started as an agent: an argv template, filled in without a shell.
import { refuse } from '../domain/refusal.ts';
import type { AgentAdapter, RunSpec } from './agent.ts';
import { childEnvironment } from './environment.ts';
import { findProgram } from './program.ts';

/**
 * Replaces `{prompt}`, `{title}`, `{task}` and `{worktree}` within the arguments. One pass: what a value holds is never
 * replaced again. NUL cannot stand in an argument and is dropped.
 */
function fillTemplate(argv: readonly string[], spec: RunSpec): string[] {
  const values: Readonly<Record<string, string>> = {
    prompt: spec.prompt,
    title: spec.task.title,
    task: spec.task.id,
    worktree: spec.worktree,
  };
  return argv.map((argument) =>
    argument.replace(/\{(prompt|title|task|worktree)\}/g, (_whole, name: string) =>
      (values[name] ?? '').replaceAll('\0', ''),
    ),
  );
}

/** The adapter of `agent: command`; exit code 0 is its verdict `unknown`. Refuses (`no-agent`) without a template or program. */
export const commandAgent: AgentAdapter = {
  kind: 'command',
  hasHooks: false,
  async find({ config, root }) {
    const [name] = config.command.argv;
    if (name === undefined || name === '') {
      refuse(
        'no-agent',
        'the agent "command" has no program: command.argv is empty in the configuration',
        'write command.argv in your own configuration, e.g. argv: [codex, exec, "{prompt}"]',
      );
    }
    const program = await findProgram(name, { path: process.env['PATH'] ?? '', folder: root });
    const message = `the agent's program was not found: command.argv begins with "${name}", and PATH has no such program`;
    return program ?? refuse('no-agent', message, 'correct command.argv in your own configuration');
  },
  async prepare(spec) {
    const program = await commandAgent.find(spec);
    const [, ...rest] = spec.config.command.argv;
    const env = childEnvironment(spec, process.env);
    return { argv: [program, ...fillTemplate(rest, spec)], cwd: spec.worktree, env };
  },
};
