// Owns the methods by which people work in panes: words typed, locks, and panes of their own.
import { operatorsNamed, shortName } from '../../domain/operator-name.ts';
import { quote } from '../../domain/quote.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Handlers } from '../dispatcher.ts';
import type { InputGate } from '../input-gate.ts';
import type { PaneLocks } from '../pane-locks.ts';
import type { PaneSet } from '../pane-set.ts';
import type { Presence } from '../presence.ts';
import type { ShellPanes } from '../shell-panes.ts';

type PaneMethods = 'pane.submit' | 'pane.lock' | 'pane.unlock' | 'pane.give' | 'pane.open' | 'pane.close';

export interface PaneHandlerParts {
  readonly panes: PaneSet;
  readonly locks: PaneLocks;
  readonly gate: InputGate;
  readonly shells: ShellPanes;
  readonly presence: Pick<Presence, 'list'>;
}

/** The handlers of what people do with panes. */
export function paneHandlers({ panes, locks, gate, shells, presence }: PaneHandlerParts): Pick<Handlers, PaneMethods> {
  return {
    'pane.submit': async ({ pane, text }, client) => {
      gate.requireEntry(client, panes.info(pane));
      await panes.submit(pane, text);
      return { pane: panes.info(pane) };
    },
    'pane.lock': ({ pane }, { operator }) => {
      panes.info(pane);
      locks.lock(pane, operator);
      return { pane: panes.info(pane) };
    },
    'pane.unlock': ({ pane }, { operator }) => {
      panes.info(pane);
      locks.unlock(pane, operator);
      return { pane: panes.info(pane) };
    },
    'pane.give': ({ pane, to }, { operator }) => {
      panes.info(pane);
      locks.requireHolder(pane, operator);
      locks.give(pane, operator, personNamed(to, presence));
      return { pane: panes.info(pane) };
    },
    'pane.open': ({ argv, task }, { operator }) => ({ pane: panes.info(shells.open({ argv, task, operator })) }),
    'pane.close': async ({ pane }, { operator }) => {
      locks.requireFree(pane, operator);
      await shells.close(pane);
      return { pane };
    },
  };
}

/** The one who is attached and may type that the words name. Refuses when there is none, or more than one. */
function personNamed(words: string, presence: Pick<Presence, 'list'>): string {
  const there = [...new Set(presence.list().flatMap(({ operator, isReadOnly }) => (isReadOnly ? [] : [operator])))];
  const [found, ...more] = operatorsNamed(words, there);
  if (found !== undefined && more.length === 0) return found;
  if (found !== undefined)
    return refuse('unknown-operator', `${quote(words)} may be ${[found, ...more].join(' or ')}`, 'drover status');
  const names = there.map(shortName).join(', ');
  const who = names === '' ? 'nobody is attached' : `attached are ${names}`;
  return refuse('unknown-operator', `nobody called ${quote(words)} is attached; ${who}`, 'drover status');
}
