// Owns `drover init`: the commented configuration, the repository's id, the data home.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { VerbInput } from '../../client/verb.ts';
import { hasConfig } from '../../config/config-files.ts';
import { makeDataHome, type SessionPaths, sessionPaths } from '../../config/paths.ts';
import { configTemplate } from '../../config/template.ts';
import { refuse } from '../../domain/refusal.ts';
import { sanitise } from '../../domain/text.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';

/** Sets the repository up. Refuses, and changes nothing, where that has been done. */
export async function runInit({ options }: VerbInput, { shell, isJson }: VerbScope): Promise<number> {
  const before = sessionPaths(shell.folder, { create: false });
  const hadConfig = hasConfig(before);
  if (before.id !== '' && hadConfig) {
    refuse(
      'already-initialised',
      `Drover has been set up in ${before.root}; its configuration is ${before.config}`,
      'drover add "<title>"',
    );
  }
  if (options['local'] === true) keepLocally(before);
  const paths = sessionPaths(shell.folder, { create: true });
  // First: where it cannot be made, no configuration is left behind.
  makeDataHome(paths.dataHome);
  if (!hadConfig) {
    mkdirSync(dirname(paths.config), { recursive: true });
    // Never over a file that somebody wrote in this moment.
    writeFileSync(paths.config, configTemplate(), { flag: 'wx' });
  }
  const { root, id, config, dataHome } = paths;
  shell.write(
    isJson ? renderJson({ root, id, config, dataHome, wroteConfig: !hadConfig }) : describe(paths, hadConfig),
  );
  return 0;
}

/** The marker by which paths.ts knows a local home, and a .gitignore that leaves only the configuration to be committed. */
function keepLocally({ root, gitDir }: SessionPaths): void {
  mkdirSync(join(gitDir, 'drover'), { recursive: true });
  writeFileSync(join(gitDir, 'drover', 'local'), '');
  const folder = join(root, '.drover');
  mkdirSync(folder, { recursive: true });
  const ignore = join(folder, '.gitignore');
  const wanted =
    '# Tasks, worktrees and logs of this machine; the configuration, layouts and themes are shared.\n*\n!.gitignore\n!config.yaml\n!layouts/\n!layouts/**\n!themes/\n!themes/**\n';
  if (existsSync(ignore) && readFileSync(ignore, 'utf8').includes('!config.yaml')) return;
  appendFileSync(ignore, wanted);
}

function describe({ root, config, dataHome }: SessionPaths, hadConfig: boolean): string {
  return `Drover is set up in ${sanitise(root)}.
  ${hadConfig ? 'kept ' : 'wrote'}      ${sanitise(config)}
  data home  ${sanitise(dataHome)}

Next:
  drover doctor                          check what is needed on this machine
  drover add "Fix the login form"        queue a task
  drover run                             let agents work on it
`;
}
