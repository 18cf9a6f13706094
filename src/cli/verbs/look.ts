// Owns `drover layout` and `drover theme`: the list of names, or a choice for the workspaces that the operator has open.
import type { VerbInput } from '../../client/verb.ts';
import { nearby, nearestFirst } from '../../domain/nearest.ts';
import { refuse } from '../../domain/refusal.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';
import { looksHomes } from './attach.ts';

/** What each kind takes: the names there are, and the words for the one before and after. */
export async function lookChoices({ shell, session }: Pick<VerbScope, 'shell' | 'session'>) {
  const { layout, theme } = await shell.roles.looks(looksHomes({ shell, session }));
  return { layout: [...layout, ...STEPS], theme: [...theme, ...STEPS] };
}

/** Words that stand for a name beside the one that is shown. */
const STEPS = ['next', 'previous'];

/** The verb of a kind of look. Without a name it lists them; a name that there is not is refused, as is a choice that nobody would see. */
export function runLook(what: 'layout' | 'theme'): (input: VerbInput, scope: VerbScope) => Promise<number> {
  return async ({ args: [name] }, { shell, session, isJson }) => {
    const looks = await shell.roles.looks(looksHomes({ shell, session }));
    const names = looks[what];
    if (name === undefined) {
      shell.write(isJson ? renderJson({ [`${what}s`]: names }) : `${names.join('\n')}\n`);
      return 0;
    }
    if (!names.includes(name) && !STEPS.includes(name)) {
      const wrong = looks.mistakes.find(({ path }) => path.endsWith(`/${what}s/${name}.json`));
      if (wrong) refuse('bad-config', `${wrong.path}: ${wrong.problem}`, 'drover doctor');
      refuse(
        'bad-params',
        `there is no ${what} "${name}"; there are ${nearestFirst(name, names).join(', ')}`,
        `drover ${what} ${nearby(name, names) ?? ''}`.trimEnd(),
      );
    }
    const client = await session.connect('cli', { startServer: false });
    try {
      const chosen = await client.call('client.choose', { what, name });
      const { workspaces } = chosen;
      const where = workspaces === 1 ? 'your workspace' : `your ${workspaces} workspaces`;
      const which = STEPS.includes(name) ? `the ${name} ${what}` : `the ${what} ${name}`;
      shell.write(isJson ? renderJson(chosen) : `In ${where}: ${which}.\n`);
      return 0;
    } finally {
      client.close();
    }
  };
}
