// Owns what a rehearsal sets out to do: the script of its task, or what it does without one. Pure.
import type { Plan } from './conversation.ts';
import { findScript, readScript, type Script, type Step } from './script.ts';
import { parseRecord, textOf } from './unknown.ts';

/** From the first prompt, the answer of get_task (null when it cannot be asked), and the session's name `task-abc: title`. */
export function makePlan(facts: { prompt: string; task: string | null; name: string }): Plan {
  const task = facts.task === null ? {} : parseRecord(facts.task);
  const [, id = '', title = facts.name] = /^(task-[a-z0-9.]+): (.*)$/.exec(facts.name) ?? [];
  const attempt = task['attempt'];
  return {
    // The prompt may have been cut; the tool shows all of it.
    yaml: findScript(textOf(task, 'description')) ?? findScript(facts.prompt),
    taskId: textOf(task, 'id') || id,
    title: textOf(task, 'title') || title,
    attempt: typeof attempt === 'number' ? attempt : 1,
  };
}

const always = (action: Omit<Step, 'attempt'>): Step => ({ ...action, attempt: null }) as Step;

/** The script to play. One that cannot be read says why, and fails the task. */
export function scriptOfPlan(plan: Plan): Script {
  if (plan.yaml === null) return unscripted(plan);
  const reading = readScript(plan.yaml);
  if ('script' in reading) return reading.script;
  const text = `The script of this rehearsal cannot be played: ${reading.problem}.`;
  return {
    steps: [
      always({ kind: 'say', text } as Step),
      always({ kind: 'complete', verdict: 'fail', summary: text } as Step),
    ],
    returned: null,
    speed: 1,
  };
}

/** A file of its own for each task, so that tasks without a script never conflict. */
function unscripted({ taskId, title }: Plan): Script {
  const name = taskId || 'notes';
  const file = `rehearsal/${name}.md`;
  const text = 'This is a rehearsal, not an AI. The task has no script, so I only leave a note that I was here.';
  const steps = [
    { kind: 'say', text },
    { kind: 'think', ms: 1000 },
    { kind: 'edit', file, change: { content: `# ${title}\n\nRehearsed as ${name}; nothing was done about it.\n` } },
    { kind: 'commit', message: `Rehearse: ${title}` },
    { kind: 'complete', verdict: 'pass', summary: `Left a note in ${file}. The task had no script to play.` },
  ] as const;
  return { steps: steps.map((step) => ({ ...step, attempt: null })), returned: null, speed: 1 };
}

/** The steps after a branch was given back: the script's own, or a merge of both sides; it is completed again in the end. */
export function stepsOfReturn(script: Script): readonly (Step | 'merge')[] {
  if (script.returned !== null) return script.returned;
  const runs = script.steps.filter(({ kind }) => kind === 'run');
  const complete = script.steps.findLast(({ kind }) => kind === 'complete');
  const summary = complete?.kind === 'complete' ? complete.summary : 'The rehearsal played its script.';
  return [
    'merge',
    ...runs,
    { kind: 'complete', verdict: 'pass', summary: `${summary} Merged with the base.`, attempt: null },
  ];
}
