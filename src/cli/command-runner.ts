// Owns the command bar's way into the verb table: a line in, text out, errors as sentences.
import { type CommandRunner, completeLine, wordsOfLine } from '../client/command-line.ts';
import { refuse } from '../domain/refusal.ts';
import { logFault, outcomeOf } from './complaint.ts';
import { performVerb } from './perform.ts';
import { plainPaint } from './render.ts';
import { createSession } from './session.ts';
import type { Shell } from './shell.ts';
import { UsageError } from './usage.ts';

interface Identity {
  readonly folder: string;
  readonly as?: string;
  readonly version: string;
  /** What is run may look, and change nothing. */
  readonly isReadOnly?: boolean;
}

/** A runner for the session of that shell and operator. */
export function createCommandRunner(shell: Shell, identity: Identity): CommandRunner {
  return {
    complete: (line, cursor, state) =>
      completeLine(line, cursor, { tasks: state.tasks.values(), epics: state.epics.values() }),
    run: async (line, width = Number.POSITIVE_INFINITY) => {
      let text = '';
      const write = (part: string): void => {
        text += part;
      };
      const bar: Shell = {
        ...shell,
        folder: identity.folder,
        write,
        writeError: write,
        width,
        paint: plainPaint,
        paintError: plainPaint,
        isInteractive: false,
      };
      try {
        // Whatever the exit code would be: the doctor's list of what is wrong is an answer, too.
        await runLine(line, bar, identity);
        return { ok: true, text: text.trimEnd() };
      } catch (error) {
        const { complaint } = outcomeOf(error, (fault) => logFault(fault, identity.folder, Date.now()));
        return {
          ok: false,
          text: complaint.next === '' ? complaint.message : `${complaint.message} (next: ${complaint.next})`,
        };
      }
    },
  };
}

async function runLine(line: string, bar: Shell, { folder, as, version, isReadOnly = false }: Identity): Promise<void> {
  const { words, isOpen } = wordsOfLine(line);
  if (isOpen) throw new UsageError('a quote is not closed', '');
  if (words.length === 0) return;
  const { parseWords } = await import('./program.ts');
  const parsed = parseWords(words, { version, width: bar.width });
  if (parsed.kind === 'text') {
    bar.write(parsed.text);
    return;
  }
  const session = createSession(bar, parsed.globals.folder ?? folder, parsed.globals.as ?? as, isReadOnly);
  await performVerb(parsed.verb, parsed.input, {
    shell: bar,
    session,
    isJson: parsed.globals.isJson,
    isBar: true,
    commandRunner: () => refuse('not-a-terminal', 'you are in the workspace already'),
  });
}
