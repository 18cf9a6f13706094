// Finds a command by its name and runs it. Each file in commands/ is one command.
import { readdirSync } from 'node:fs';

const folder = new URL('./commands/', import.meta.url);

/** The names of all commands, in alphabetical order. */
export function commandNames() {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .map((name) => name.slice(0, -3))
    .sort();
}

/** Runs `words` and gives the exit code: 0 when it worked, 1 when it did not, 2 when there is no such command. */
export async function runCommand(words, io) {
  const [name, ...args] = words;
  if (!commandNames().includes(name)) {
    io.write('Commands: ' + commandNames().join(', '));
    return name === undefined ? 0 : 2;
  }
  try {
    const { run } = await import(new URL(name + '.js', folder).href);
    await run(args, io);
    return 0;
  } catch (error) {
    io.write('ledger: ' + error.message);
    return 1;
  }
}
