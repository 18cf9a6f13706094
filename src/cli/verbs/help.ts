// Owns `drover help [verb]`.
import type { VerbInput } from '../../client/verb.ts';
import { droverVersion } from '../../config/version.ts';
import { helpText } from '../program.ts';
import type { VerbScope } from '../shell.ts';

/** Prints the help of the verb that the words name, or of the whole program. */
export async function runHelp({ args }: VerbInput, { shell }: VerbScope): Promise<number> {
  shell.write(helpText(args, { version: droverVersion(), width: shell.width }));
  return 0;
}
