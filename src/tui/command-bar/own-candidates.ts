// Owns what Tab offers for the workspace's own commands. Pure.
import { BAR_COMMANDS, COMMAND_WORDS } from '../keys/command.ts';
import type { Catalogue } from '../layout/catalogue.ts';
import type { Window } from '../layout/window.ts';

/** What the commands may name besides the words that they always know. */
export interface OwnNames {
  readonly catalogue: Catalogue;
  readonly windows: readonly Window[];
}

/** Words that may follow what stands before the cursor's word and begin as it does. */
export function ownCandidates(before: string, word: string, names: OwnNames): string[] {
  const words = before.trim().split(/\s+/).filter(Boolean);
  const [command] = words;
  if (command === undefined) return BAR_COMMANDS.filter((name) => name.startsWith(word));
  if (words.length > 1) return [];
  const known = [...namesOf(command, names), ...(COMMAND_WORDS[command] ?? [])];
  return known.filter((name) => name.startsWith(word));
}

function namesOf(command: string, { catalogue, windows }: OwnNames): string[] {
  if (command === 'layout') return [...catalogue.layouts.keys()].sort();
  if (command === 'theme') return [...catalogue.themes.keys()].sort();
  if (command === 'window' || command === 'join-pane') return windows.map(({ name }) => name);
  return [];
}
