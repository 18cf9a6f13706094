// Owns the parsing of a command's words: a commander program built from the verb table, the same for the shell and for the command bar.
import { Command, CommanderError, Option } from 'commander';
import { VERB_GROUPS, type Verb, type VerbInput, type VerbOption } from '../client/verb.ts';
import { findVerb, VERBS } from '../client/verbs.ts';
import { nearby } from '../domain/nearest.ts';
import { UsageError } from './usage.ts';

interface Globals {
  readonly isJson: boolean;
  /** `--as` */
  readonly as?: string;
  /** `-C`: where to look for the repository. */
  readonly folder?: string;
}

export type Parsed =
  | { readonly kind: 'verb'; readonly verb: Verb; readonly input: VerbInput; readonly globals: Globals }
  /** Help or the version. */
  | { readonly kind: 'text'; readonly text: string };

export interface ProgramContext {
  readonly version: string;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Columns: prose in longer lines is hard to read. */
const WIDEST_HELP = 120;

/** The first words of verbs of two words, with what their own help says. */
const FAMILIES: Readonly<Record<string, { summary: string; group: Verb['group'] }>> = {
  epic: { summary: 'Add and list epics', group: 'Tasks' },
  server: { summary: 'Look at, stop or restart the server', group: 'Set up' },
};

/** Parses the words after `drover`. Throws a UsageError that names the next command. */
export function parseWords(words: readonly string[], context: ProgramContext): Parsed {
  let found: Parsed | null = null;
  let text = '';
  const program = createProgram(context, verbsFor(words), (parsed) => {
    found = parsed;
  });
  for (const command of allCommands(program)) {
    command.configureOutput({
      writeOut: (part) => (text += part),
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(context.width, WIDEST_HELP),
    });
  }
  const asked = words.length === 0 ? ['--help'] : [...words];
  try {
    program.parse(asked, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { kind: 'text', text };
    throw error;
  }
  return found ?? { kind: 'text', text };
}

/** The help text of the verb that the words name; of the whole program without words. Throws a UsageError for words that name none. */
export function helpText(words: readonly string[], context: ProgramContext): string {
  const name = words.join(' ');
  if (name !== '' && !(name in FAMILIES) && findVerb(words)?.taken !== words.length) {
    const meant = nearby(name, [
      ...Object.keys(FAMILIES),
      ...VERBS.filter((row) => !row.isHidden).map((row) => row.name),
    ]);
    const problem = `there is no verb "${name}"`;
    if (meant === null) throw new UsageError(problem, 'drover help');
    throw new UsageError(`${problem}; did you mean ${meant}?`, `drover help ${meant}`);
  }
  const parsed = parseWords([...words, '--help'], context);
  return parsed.kind === 'text' ? parsed.text : '';
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** The verbs that these words can mean: those that share the first word, or all where it is none of a verb. To make the commands of all takes 6 ms. */
function verbsFor(words: readonly string[]): readonly Verb[] {
  const named = findVerb(words)?.verb;
  if (named === undefined) return VERBS;
  const [first] = named.name.split(' ');
  return VERBS.filter(({ name }) => name.split(' ')[0] === first);
}

function createProgram({ version }: ProgramContext, verbs: readonly Verb[], onVerb: (parsed: Parsed) => void): Command {
  const program = new Command('drover')
    .description('Drives a whole project to completion with many coding agents in parallel.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .option('--json', 'print the result as JSON, errors too')
    .option('--as <operator>', 'act as this operator: a name, an address, or "Name <address>"')
    .option('-C, --directory <folder>', 'act on the repository that holds this folder')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError(true);
  handleErrors(program, 'drover --help');
  const families = new Map<string, Command>();
  for (const group of VERB_GROUPS) {
    for (const verb of verbs.filter((row) => row.group === group)) addVerb(program, families, verb, onVerb);
  }
  program.addHelpText('after', '\nExample:\n  $ drover init && drover add "Fix the login form" && drover run');
  return program;
}

function addVerb(program: Command, families: Map<string, Command>, verb: Verb, onVerb: (parsed: Parsed) => void): void {
  const [first = '', second] = verb.name.split(' ');
  const parent = second === undefined ? program : familyOf(program, families, first);
  const command = parent.command(
    `${second ?? first}${verb.args ? ` ${verb.args}` : ''}`,
    verb.isHidden ? { hidden: true } : {},
  );
  command.summary(verb.summary).description(verb.details ? `${verb.summary}.\n\n${verb.details}` : `${verb.summary}.`);
  if (parent === program) {
    command.helpGroup(`${verb.group}:`).helpCommand(false);
    // A verb may have verbs of two words behind it: `panes`, and `panes close`.
    families.set(first, command);
  }
  for (const alias of verb.aliases ?? []) command.alias(alias);
  for (const option of verb.options ?? []) command.addOption(toOption(option));
  command.addHelpText('after', `\nExample:\n  $ ${verb.example}`);
  handleErrors(command, `drover ${verb.name} --help`, /title|words/.test(verb.args ?? ''));
  command.action((...given: unknown[]) => {
    if (command.processedArgs.includes(''))
      throw new UsageError(`${verb.name}: an argument is empty`, `drover ${verb.name} --help`);
    const globals = program.opts<{ json?: boolean; as?: string; directory?: string }>();
    onVerb({
      kind: 'verb',
      verb,
      input: {
        args: command.processedArgs.flat().filter((word): word is string => typeof word === 'string'),
        options: optionsOf(given),
      },
      globals: {
        isJson: globals.json === true,
        ...(globals.as === undefined ? {} : { as: globals.as }),
        ...(globals.directory === undefined ? {} : { folder: globals.directory }),
      },
    });
  });
}

/** commander calls an action with the arguments, the options, and the command. */
function optionsOf(given: readonly unknown[]): VerbInput['options'] {
  return { ...(given.at(-2) as VerbInput['options']) };
}

function familyOf(program: Command, families: Map<string, Command>, name: string): Command {
  const known = families.get(name);
  if (known) return known;
  const example = VERBS.find((row) => row.name.startsWith(`${name} `))?.example;
  const family = FAMILIES[name] ?? { summary: name, group: 'Set up' as const };
  const command = program.command(name).summary(family.summary).description(`${family.summary}.`).helpCommand(false);
  command.helpGroup(`${family.group}:`);
  if (example !== undefined) command.addHelpText('after', `\nExample:\n  $ ${example}`);
  handleErrors(command, `drover ${name} --help`);
  families.set(name, command);
  return command;
}

function toOption(row: VerbOption): Option {
  const option = new Option(row.flags, row.help);
  if (row.choices) option.choices([...row.choices]);
  if (row.default !== undefined) option.default(row.default);
  if (row.isList) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  return option;
}

/** commander's own errors become usage errors; help and version pass, they are no errors. */
function handleErrors(command: Command, next: string, takesTitle = false): void {
  command.exitOverride((error) => {
    if (error.exitCode === 0) throw error;
    if (error.code === 'commander.help')
      throw new UsageError(`${command.name()} needs a verb: ${verbNames(command)}`, next);
    const message = plainMessage(error.message);
    const isTitle = takesTitle && error.code === 'commander.unknownOption' && !message.includes('did you mean');
    throw new UsageError(isTitle ? `${message}; a title that begins with - stands after --` : message, next);
  });
}

function verbNames(command: Command): string {
  return command.commands.map((sub) => sub.name()).join(', ');
}

/** `error: unknown option '--prioritty'\n(Did you mean --priority?)` as one sentence. */
function plainMessage(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\.?\s*\n\(Did you mean (?:one of )?(.*)\?\)\s*$/s, '; did you mean $1?')
    .trim();
}
