// Owns `drover help [verb]`.
import type { VerbInput } from '../../client/verb.ts';
import { droverVersion } from '../../config/version.ts';
import { helpText } from '../program.ts';
import { renderJson } from '../render.ts';
import type { VerbScope } from '../shell.ts';

/** Prints the help of the verb that the words name, or of the whole program. */
export async function runHelp({ args }: VerbInput, { shell, isJson }: VerbScope): Promise<number> {
  const text = helpText(args, { version: droverVersion(), width: shell.width });
  shell.write(isJson ? renderJson({ help: text }) : text);
  return 0;
}
