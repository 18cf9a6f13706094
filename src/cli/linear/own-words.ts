// Owns the verbs that only the linear stream has, and how a line is told from a verb of the table. Pure.
import { refuse } from '../../domain/refusal.ts';

export type LinearLine =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'help' }
  | { readonly kind: 'say'; readonly task: string; readonly text: string }
  | { readonly kind: 'answer'; readonly task: string; readonly words: string }
  | { readonly kind: 'read'; readonly pane: number }
  /** A verb of the table. */
  | { readonly kind: 'verb'; readonly line: string };

export const LINEAR_HELP = [
  'say <task> <words>: types the words into an agent that waits, and presses Enter.',
  'answer <task> <number or words>: answers what its agent asks; a permission takes allow, allow-task or deny and a reason.',
  'read <pane>: prints what stands in a pane.',
  'quit: ends this stream; everything keeps running.',
  'Beside these, every verb of drover, such as: status, list, show <task>, quick <words>, run, stop, help <verb>.',
] as const;

/** What a line of standard input means. Refuses one of these verbs without what belongs to it. */
export function parseLinear(line: string): LinearLine {
  const clean = line.trim();
  const [first = '', second = ''] = clean.split(/\s+/);
  switch (first) {
    case '':
      return { kind: 'nothing' };
    case 'quit':
      return { kind: 'quit' };
    case 'say': {
      const text = clean.replace(/^say\s+\S+\s*/, '');
      if (second === '' || text === '') refuse('bad-params', 'say takes a task and words', 'say <task> <words>');
      return { kind: 'say', task: second, text };
    }
    case 'answer': {
      const words = clean.replace(/^answer\s+\S+\s*/, '');
      if (second === '' || words === '')
        refuse('bad-params', 'answer takes a task and an answer', 'answer <task> <number or words>');
      return { kind: 'answer', task: second, words };
    }
    case 'read':
      if (!/^[1-9]\d{0,4}$/.test(second) || clean.split(/\s+/).length > 2)
        refuse('bad-params', 'read takes the number of a pane', 'panes');
      return { kind: 'read', pane: Number(second) };
    case 'help':
      return second === '' ? { kind: 'help' } : { kind: 'verb', line: clean };
    default:
      return { kind: 'verb', line: clean };
  }
}
