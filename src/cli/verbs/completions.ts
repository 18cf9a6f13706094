// Owns the completion scripts of the shells, and the hidden verb that they ask.

import { completeWords, type Known } from '../../client/command-line.ts';
import { SHELLS } from '../../client/setup-verbs.ts';
import type { VerbInput } from '../../client/verb.ts';
import { nearby } from '../../domain/nearest.ts';
import { renderJson } from '../render.ts';
import { createSession } from '../session.ts';
import type { Shell, VerbScope } from '../shell.ts';
import { UsageError } from '../usage.ts';
import { lookChoices } from './look.ts';

/** Each asks `drover __complete <words before> <word at the cursor>`, which prints a candidate a line; nothing of it is evaluated. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `_drover() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(drover __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _drover drover
`,
  zsh: `#compdef drover
_drover() {
  local -a candidates
  candidates=("\${(@f)$(drover __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=("\${(@)candidates:#}")
  if (( \${#candidates} )); then compadd -U -a candidates; else _files; fi
}
if [[ "$funcstack[1]" == _drover ]]; then _drover "$@"; else compdef _drover drover; fi
`,
  fish: `function __drover_complete
  set -l words (commandline -opc) (commandline -ct)
  drover __complete $words[2..-1] 2>/dev/null
end
complete -c drover -f -a '(__drover_complete)'
`,
};

/** Prints the script of the shell that the argument names. */
export async function runCompletions({ args }: VerbInput, { shell, isJson }: VerbScope): Promise<number> {
  const [name = ''] = args;
  const known = SHELLS.find((candidate) => candidate === name);
  if (!known) {
    throw new UsageError(
      `there are no completions for "${name}"; there are for ${SHELLS.join(', ')}`,
      `drover completions ${nearby(name, SHELLS) ?? '--help'}`,
    );
  }
  shell.write(isJson ? renderJson({ shell: known, script: SCRIPTS[known] }) : SCRIPTS[known]);
  return 0;
}

/** Prints what may stand in place of the last word, a candidate a line. It starts no server and tells no error: a Tab must stay quiet. */
export async function runComplete(words: readonly string[], shell: Shell): Promise<number> {
  const before = words.slice(0, -1);
  const candidates = completeWords(before, words.at(-1) ?? '', await knownHere(before, shell));
  shell.write(candidates.map((candidate) => `${candidate}\n`).join(''));
  return 0;
}

async function knownHere([verb]: readonly string[], shell: Shell): Promise<Known> {
  try {
    // As nobody in particular: asking git who it is would cost a process at each Tab.
    const session = createSession(shell, shell.folder, 'completion');
    if (verb === 'layout' || verb === 'theme')
      return { tasks: [], epics: [], looks: await lookChoices({ shell, session }) };
    const client = await session.connect('cli', { startServer: false });
    try {
      return await client.call('task.list', {});
    } finally {
      client.close();
    }
  } catch {
    return { tasks: [], epics: [] };
  }
}
