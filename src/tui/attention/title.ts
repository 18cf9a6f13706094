// Owns the title of the window that the workspace is in. Pure.
import { countStatus } from '../../domain/status.ts';
import { printable } from '../../domain/text.ts';
import { truncateText } from '../../domain/text-width.ts';
import { needsSomeone } from '../../domain/worker.ts';
import { type Model, paneNumbers, runOfWorker } from '../model.ts';

/** Cells of a repository's name in the title; the counts behind it must still be seen in a tab. */
const NAME_WIDTH = 40;

/** `drover shop: 4 running, 1 needs you`. */
export function windowTitle(model: Model): string {
  const name = `drover ${truncateText(printable(model.repository), NAME_WIDTH)}`.trim();
  if (model.connection.kind === 'lost') return `${name}: the server is gone`;
  if (!model.hasState) return name;
  const { running } = countStatus(model.state);
  const needed = paneNumbers(model).filter((pane) => needsSomeone(runOfWorker(model, pane))).length;
  const call = needed === 0 ? '' : `, ${needed === 1 ? '1 needs' : `${needed} need`} you`;
  return `${name}: ${running} running${call}`;
}

/** The bytes that set it. */
export function titleBytes(title: string): string {
  return `\x1b]2;${title}\x1b\\`;
}
