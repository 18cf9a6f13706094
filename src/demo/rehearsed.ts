// Owns how a task of the demonstration is written down: its words, and the script that the rehearsal agent plays.
import { stringify } from 'yaml';
import type { DemoTask } from '../cli/shell.ts';

/** A step of a rehearsal's script, as YAML takes it. */
export type ScriptStep = Readonly<Record<string, unknown>>;

export interface RehearsedTask extends Omit<DemoTask, 'description'> {
  /** What a person would write. */
  readonly about: string;
  readonly steps: readonly ScriptStep[];
  /** Played when the branch comes back from the landing lane. */
  readonly returned?: readonly ScriptStep[];
}

/** The task with its script in the description, fenced as `rehearsal`. */
export function describeRehearsed({ about, steps, returned, ...task }: RehearsedTask): DemoTask {
  const yaml = stringify(returned === undefined ? { steps } : { steps, returned }, { lineWidth: 0 });
  return { ...task, description: `${about}\n\n\`\`\`rehearsal\n${yaml}\`\`\`\n` };
}

/** What an agent hands to another one. Its script is fenced by tildes: it stands within a script. */
export function handsOn(
  title: string,
  about: string,
  steps: readonly ScriptStep[],
): { title: string; description: string } {
  return { title, description: `${about}\n\n~~~rehearsal\n${stringify({ steps }, { lineWidth: 0 })}~~~\n` };
}

/** The end of each task: the tests, the commit, the verdict. */
export function finish(message: string, summary: string): ScriptStep[] {
  return [
    { think: '1s' },
    { run: { command: 'node --test', must: true } },
    { say: 'The tests pass. I commit this and hand it in.' },
    { commit: message },
    { complete: { verdict: 'pass', summary } },
  ];
}
