// Owns what the workspace does when the server is gone: it tries again, ever more slowly, and says so.

import { printable } from '../domain/text.ts';
import type { Step } from './effect.ts';
import type { Model } from './model.ts';

/** ms before the first new try, doubled with each failed one up to the longest. */
const FIRST_DELAY = 250;
const LONGEST_DELAY = 5000;
/** A server that said good-bye comes back within this time when it was restarted; otherwise it was stopped. */
const RESTART_TAKES = 10_000;

/** The connection broke. */
export function lose(model: Model, lost: { reason: string; isOrderly: boolean }): Step {
  if (model.connection.kind === 'lost') return [model, []];
  const mode = model.mode.kind === 'prefix' ? ({ kind: 'normal' } as const) : model.mode;
  return [
    {
      ...model,
      mode,
      connection: { kind: 'lost', reason: lost.reason, isOrderly: lost.isOrderly, attempts: 0, since: model.now },
    },
    [{ type: 'reconnect', ms: FIRST_DELAY, isOrderly: lost.isOrderly }],
  ];
}

/** A try to connect again failed. */
export function reconnectFailed(model: Model, reason: string): Step {
  const { connection } = model;
  if (connection.kind === 'open') return [model, []];
  if (connection.isOrderly && model.now - connection.since >= RESTART_TAKES) {
    return [
      model,
      [
        {
          type: 'end',
          reason: 'server-closed',
          message: `the server has closed: ${printable(connection.reason)}; to go on: drover run`,
        },
      ],
    ];
  }
  const attempts = connection.attempts + 1;
  const ms = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(attempts, 10));
  return [
    { ...model, connection: { ...connection, attempts, reason: connection.isOrderly ? connection.reason : reason } },
    [{ type: 'reconnect', ms, isOrderly: connection.isOrderly }],
  ];
}
