// Owns how panes and the people who look at them are shown to a person.
import { formatAge } from '../domain/duration.ts';
import type { Envelope } from '../domain/event.ts';
import { shortName } from '../domain/operator-name.ts';
import { sanitise } from '../domain/text.ts';
import type { ClientInfo, PaneInfo, Result } from '../protocol/methods.ts';
import { type Cell, formatTable, formatTime } from './format.ts';
import type { RenderContext } from './verb.ts';

/** What stands in a pane, in few words: its program, its task, or that it is idle. Sanitised. */
function paneContent({ shell, taskId, isAlive }: PaneInfo): string {
  const task = taskId === null ? '' : sanitise(taskId);
  if (shell) return `${sanitise(shell.argv.join(' '))}${task === '' ? '' : ` in ${task}`}`;
  return isAlive ? task : 'idle';
}

/** A line a pane: number, size, who has locked it, what runs there. */
export function renderPanes({ panes }: Result<'pane.list'>, { width, paint }: RenderContext): string {
  if (panes.length === 0) return 'No panes; drover run starts the workers.';
  const rows = panes.map((pane): (string | Cell)[] => [
    { text: String(pane.pane), paint: (text) => paint('strong', text) },
    `${pane.cols}x${pane.rows}`,
    pane.lockedBy === undefined ? '' : `locked by ${sanitise(shortName(pane.lockedBy))}`,
    pane.shell ? `by ${sanitise(shortName(pane.shell.openedBy))}` : '',
    `${paneContent(pane)}${pane.title === '' ? '' : `  ${sanitise(pane.title)}`}`,
  ]);
  return formatTable(rows, width);
}

/** `Pane 2 is locked by ann.` */
export function renderLock({ pane }: { pane: PaneInfo }): string {
  if (pane.lockedBy === undefined) return `Pane ${pane.pane} takes input of everybody.`;
  return `Pane ${pane.pane} is locked by ${sanitise(shortName(pane.lockedBy))}.`;
}

/** A line a person: name, since when, what they look at. */
export function renderPeople(people: readonly ClientInfo[], { width, now, paint }: RenderContext): string {
  const rows = people.map((person): (string | Cell)[] => [
    { text: `  ${sanitise(person.operator)}`, paint: (text) => paint('strong', text) },
    `for ${formatAge(now - person.since)}`,
    person.isReadOnly ? 'read-only' : '',
    person.focused === null
      ? person.kind === 'linear'
        ? 'linear stream'
        : ''
      : `pane ${person.focused} at ${person.cols}x${person.rows}`,
  ]);
  return formatTable(rows, width);
}

/** Who typed into the panes of a task and when last, the newest first: `ann into pane 2 at 2026-11-22 09:12`. Null when nobody did. */
export function typistsOf(history: readonly Envelope[]): string | null {
  const said = new Map<string, string>();
  for (const { event, at } of [...history].sort((a, b) => b.seq - a.seq)) {
    if (event.type !== 'pane.typed') continue;
    const who = `${sanitise(shortName(event.operator))} into pane ${event.pane}`;
    if (!said.has(who)) said.set(who, `${who} at ${formatTime(at)}`);
  }
  return said.size === 0 ? null : [...said.values()].join(', ');
}
