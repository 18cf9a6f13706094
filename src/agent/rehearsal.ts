// Owns how the built-in rehearsal agent is started: the flags and files of Claude Code, our own program.
import { refuse } from '../domain/refusal.ts';
import type { AgentAdapter } from './agent.ts';
import { childEnvironment } from './environment.ts';
import { hookedArguments, writeRunFiles } from './hooked-agent.ts';

/** The adapter of `agent: rehearsal`. */
export const rehearsal: AgentAdapter = {
  kind: 'rehearsal',
  hasHooks: true,
  // It is this program.
  find: () => Promise.resolve(process.execPath),
  async prepare(spec) {
    const [program, ...first] = spec.rehearsalCommand;
    if (program === undefined)
      refuse('no-agent', 'this build of Drover has no rehearsal agent', 'drover run --agent claude');
    const env = childEnvironment(spec, process.env);
    const flags = hookedArguments(spec, await writeRunFiles(spec, env));
    return { argv: [program, ...first, ...flags], cwd: spec.worktree, env };
  },
};
