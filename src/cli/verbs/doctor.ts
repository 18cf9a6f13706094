// Owns `drover doctor`: what this machine must have, one row a check, each with what to do.

import { formatTable } from '../../client/format.ts';
import type { VerbInput } from '../../client/verb.ts';
import { sanitise } from '../../domain/text.ts';
import { renderJson } from '../render.ts';
import type { Shell, VerbScope } from '../shell.ts';
import { agentChecks } from './doctor-agent.ts';
import { machineChecks, type Row, repositoryChecks } from './doctor-machine.ts';

/** Runs every check; exit 1 when one fails. It needs no server, and makes nothing but the socket's folder. */
export async function runDoctor(_input: VerbInput, scope: VerbScope): Promise<number> {
  const { shell, isJson } = scope;
  const rows = [...(await machineChecks(shell)), ...(await repositoryChecks(scope)), ...(await agentChecks(scope))];
  shell.write(isJson ? renderJson(rows) : renderRows(rows, shell));
  return rows.some((row) => row.status === 'fail') ? 1 : 0;
}

const TONES = { ok: 'good', warn: 'warn', fail: 'bad' } as const;

function renderRows(rows: readonly Row[], { paint, width }: Shell): string {
  const table = formatTable(
    rows.map((row) => [
      { text: row.status, paint: (text) => paint(TONES[row.status], text) },
      row.id,
      sanitise(row.message),
    ]),
    // What is found here is copied into reports: it is not cut.
    Math.max(width, 400),
  );
  const fixes = rows
    .filter((row) => row.status !== 'ok' && row.fix !== '')
    .map((row) => `  ${row.id}: ${sanitise(row.fix)}`);
  if (fixes.length === 0) return `${table}\n`;
  // Several mistakes of one file are mended in it at once.
  return `${table}\n\nWhat to do:\n${[...new Set(fixes)].join('\n')}\n`;
}
