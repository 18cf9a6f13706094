// Owns what a row of THE verb table is: the same row serves the shell, the command bar and a key binding.
import type { MethodName, Params, Result } from '../protocol/methods.ts';

export interface VerbOption {
  /** commander's notation: `-p, --priority <number>` */
  readonly flags: string;
  readonly help: string;
  readonly default?: string | boolean;
}

export type VerbInput = {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | string[] | boolean | undefined>>;
};

interface VerbWords {
  /** `epic add` for a verb of two words. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** commander's notation: `<title>`, `[tasks...]` */
  readonly args?: string;
  readonly options?: readonly VerbOption[];
  readonly example: string;
  /** What completion offers for the first argument. */
  readonly completes?: 'task' | 'epic' | 'verb';
}

/** A verb that is one call: input to parameters, result to text. */
export interface CallVerb<M extends MethodName = MethodName> extends VerbWords {
  readonly method: M;
  /** Throws a RefusalError on bad input. May read standard input or a file only in the shell. */
  readonly params: (input: VerbInput) => Params<M> | Promise<Params<M>>;
  /** Lines for a person, without colour codes from data; `width` columns are there. */
  readonly render: (result: Result<M>, context: { width: number; now: number }) => string;
}

/** A verb that is more than one call; its module under cli/verbs/ is loaded when it is used. */
export interface LocalVerb extends VerbWords {
  readonly local: true;
}

export type Verb = CallVerb | LocalVerb;
