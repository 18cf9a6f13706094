// Owns what a row of THE verb table is: the same row serves the shell, the command bar and a key binding.
import type { MethodName, Params, Result } from '../protocol/methods.ts';

export interface VerbOption {
  /** commander's notation: `-p, --priority <number>` */
  readonly flags: string;
  readonly help: string;
  readonly default?: string | boolean;
  /** May be given several times, and each time with a comma list; the value is then an array. */
  readonly isList?: true;
  /** The only values taken. */
  readonly choices?: readonly string[];
  /** What completion offers for its value. */
  readonly completes?: Completes;
}

export type Completes = 'task' | 'epic' | 'verb' | 'shell' | 'file' | 'layout' | 'theme';

export type VerbInput = {
  readonly args: readonly string[];
  /** By commander's attribute name: `--blocked-by` is `blockedBy`. */
  readonly options: Readonly<Record<string, string | string[] | boolean | undefined>>;
  /** Reads a text file, or standard input for `-`. Only the shell has it. */
  readonly readText?: (path: string) => Promise<string>;
};

export const VERB_GROUPS = ['Tasks', 'Work', 'Look', 'Set up'] as const;

interface VerbWords {
  /** `epic add` for a verb of two words. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly group: (typeof VERB_GROUPS)[number];
  readonly summary: string;
  /** More than the summary says, for `--help`; plain sentences. */
  readonly details?: string;
  /** commander's notation: `<title>`, `[tasks...]` */
  readonly args?: string;
  readonly options?: readonly VerbOption[];
  /** In the command bar, all that follows so many arguments is one text, as it is written: nobody quotes an apostrophe there. */
  readonly restAfter?: number;
  readonly example: string;
  /** What completion offers for the arguments. */
  readonly completes?: Completes;
  /** Not shown in the list of verbs: for programs, not for people. */
  readonly isHidden?: true;
}

/** What a text to a person is rendered with. */
export interface RenderContext {
  /** Terminal columns; Infinity where there is no terminal. */
  readonly width: number;
  /** ms since epoch */
  readonly now: number;
  readonly paint: Paint;
  readonly input: VerbInput;
}

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'dim' | 'strong';
/** Colours a sanitised text, or gives it back unchanged where there are no colours. */
export type Paint = (tone: Tone, text: string) => string;

/** A verb that is one call: input to parameters, result to text. */
export interface CallVerb<M extends MethodName = MethodName> extends VerbWords {
  readonly method: M;
  /** False: a missing server is not started, it is exit code 3. */
  readonly startsServer?: false;
  /** Throws a RefusalError on bad input. May read standard input or a file only in the shell. */
  readonly params: (input: VerbInput) => Params<M> | Promise<Params<M>>;
  /** Lines for a person, without a line feed at the end; data in it is sanitised, and coloured by `paint` alone. */
  readonly render: (result: Result<M>, context: RenderContext) => string;
}

/** A verb that is more than one call; its module under cli/verbs/ is loaded when it is used. */
export interface LocalVerb extends VerbWords {
  readonly local: true;
  /** Why the command bar of the workspace does not run it; one sentence. */
  readonly shellOnly?: string;
}

/** A row of any method. */
export type AnyCallVerb = { [M in MethodName]: CallVerb<M> }[MethodName];
export type Verb = AnyCallVerb | LocalVerb;

/** The part of a client that a verb of one call needs. */
export interface Caller {
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>>;
}

/** Calls the verb's method: the result as it came, and how it is shown to a person. Throws what `params` and `call` throw. */
export async function performCall(
  row: AnyCallVerb,
  caller: Caller,
  input: VerbInput,
): Promise<{ result: unknown; render: (context: Omit<RenderContext, 'input'>) => string }> {
  // The union of rows is correlated (params, result and render are of one method), which the type of a union cannot say.
  const verb = row as unknown as CallVerb;
  const result = await caller.call(verb.method, await verb.params(input));
  return { result, render: (context) => verb.render(result, { ...context, input }) };
}
