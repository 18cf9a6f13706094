// Owns one run of the shell: words in, exit code out; every error is told here and nowhere else.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { droverVersion } from '../config/version.ts';
import { parseBareVerb } from './bare-verb.ts';
import { createCommandRunner } from './command-runner.ts';
import { logFault, outcomeOf } from './complaint.ts';
import { performVerb } from './perform.ts';
import { renderComplaint, renderComplaintJson } from './render.ts';
import { createSession } from './session.ts';
import type { Shell } from './shell.ts';
import { UsageError } from './usage.ts';

/** Runs the words after `drover`. Never throws: what went wrong is written to the shell's error stream. */
export async function runCli(words: readonly string[], shell: Shell): Promise<number> {
  try {
    return await runWords(words, shell);
  } catch (error) {
    const { exitCode, complaint } = outcomeOf(error, (fault) => logFault(fault, shell.folder, Date.now()));
    shell.writeError(wantsJson(words) ? renderComplaintJson(complaint) : renderComplaint(complaint, shell.paintError));
    return exitCode;
  }
}

/** Also when the words were no command, a program that asked for JSON gets its error as JSON. */
function wantsJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).includes('--json');
}

async function runWords(words: readonly string[], shell: Shell): Promise<number> {
  if (words[0] === '__complete') return (await import('./verbs/completions.ts')).runComplete(words.slice(1), shell);
  const version = droverVersion();
  const parsed =
    parseBareVerb(words) ?? (await import('./program.ts')).parseWords(words, { version, width: shell.width });
  if (parsed.kind === 'text') {
    shell.write(parsed.text);
    return 0;
  }
  const { verb, input, globals } = parsed;
  const folder = resolve(shell.folder, globals.folder ?? '.');
  if (globals.folder !== undefined && !existsSync(folder))
    throw new UsageError(`there is no folder ${folder} to act on`, 'drover --help');
  const who = globals.as === undefined ? {} : { as: globals.as };
  return performVerb(verb, input, {
    shell: { ...shell, folder },
    session: createSession(shell, folder, globals.as),
    isJson: globals.isJson,
    isBar: false,
    ...who,
    commandRunner: (place, { isReadOnly } = { isReadOnly: false }) =>
      createCommandRunner(shell, { folder: place, version, isReadOnly, ...who }),
  });
}
