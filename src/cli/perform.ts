// Owns the running of a row of the verb table: one call, or a module of verbs/ loaded when it is used.
import type { Client } from '../client/client.ts';
import {
  type AnyCallVerb,
  type Caller,
  type LocalVerb,
  performCall,
  type Verb,
  type VerbInput,
} from '../client/verb.ts';
import { RefusalError, refuse } from '../domain/refusal.ts';
import { renderJson } from './render.ts';
import type { VerbScope } from './shell.ts';

/** Runs the verb and gives its exit code. Throws refusals, usage errors and faults. */
export async function performVerb(verb: Verb, input: VerbInput, scope: VerbScope): Promise<number> {
  if (scope.isBar && 'local' in verb && verb.shellOnly)
    refuse('not-a-terminal', `${verb.name} is for the shell: ${verb.shellOnly}`);
  try {
    return await ('local' in verb ? (await loadVerb(verb))(input, scope) : performCallVerb(verb, input, scope));
  } catch (error) {
    throw withNext(error, `drover ${verb.name} --help`);
  }
}

/** Who refuses a value may not know which verb it came by: the verb's help is what to read next. */
function withNext(error: unknown, next: string): unknown {
  if (!(error instanceof RefusalError) || error.refusal.next !== '') return error;
  return new RefusalError({ ...error.refusal, next });
}

async function performCallVerb(
  verb: AnyCallVerb,
  input: VerbInput,
  { shell, session, isJson, isBar }: VerbScope,
): Promise<number> {
  const whole: VerbInput = isBar ? input : { ...input, readText: (path) => shell.readText(path) };
  let client: Client | undefined;
  // Connected once the words are known to be good: a mistake starts no server.
  const caller: Caller = {
    call: async (method, params) => {
      client = await session.connect('cli', { startServer: verb.startsServer !== false });
      return client.call(method, params);
    },
  };
  try {
    const { result, render } = await performCall(verb, caller, whole);
    shell.write(
      isJson ? renderJson(result) : `${render({ width: shell.width, now: Date.now(), paint: shell.paint })}\n`,
    );
    return 0;
  } finally {
    client?.close();
  }
}

/** A module of verbs/: the exit code comes back. */
type Run = (input: VerbInput, scope: VerbScope) => Promise<number>;

/** The row's own module; no other is loaded. */
async function loadVerb(verb: LocalVerb): Promise<Run> {
  switch (verb.name) {
    case 'init':
      return (await import('./verbs/init.ts')).runInit;
    case 'run':
      return (await import('./verbs/run.ts')).runRun;
    case 'attach':
      return (await import('./verbs/attach.ts')).runAttach;
    case 'panes':
      return (await import('./verbs/panes.ts')).runPanes;
    case 'layout':
    case 'theme':
      return (await import('./verbs/look.ts')).runLook(verb.name);
    case 'doctor':
      return (await import('./verbs/doctor.ts')).runDoctor;
    case 'demo':
      return (await import('./verbs/demo.ts')).runDemo;
    case 'server stop':
      return (await import('./verbs/server.ts')).runServerStop;
    case 'server restart':
      return (await import('./verbs/server.ts')).runServerRestart;
    case 'completions':
      return (await import('./verbs/completions.ts')).runCompletions;
    case 'mcp':
      return async (_input, { shell }) => shell.roles.runMcpServer();
    case 'help':
      return (await import('./verbs/help.ts')).runHelp;
    default:
      throw new Error(`the verb ${verb.name} has no module`);
  }
}
