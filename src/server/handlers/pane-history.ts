// Owns the methods that read what panes have shown, and the one that says in which colours they are shown.
import type { Handlers } from '../dispatcher.ts';
import type { PaneSet } from '../pane-set.ts';

/** The handlers of the panes' past, and of their colours. */
export function paneHistoryHandlers(panes: PaneSet): Pick<Handlers, 'pane.history' | 'pane.search' | 'pane.palette'> {
  return {
    'pane.history': ({ pane, from, count }) => panes.history(pane, from, count),
    'pane.search': ({ query, pane, limit }) => panes.search({ query, pane, limit }),
    'pane.palette': (palette, client) => {
      const isTaken = panes.palette.offer(client, palette);
      client.onGone(() => panes.palette.leave(client));
      return { isTaken };
    },
  };
}
