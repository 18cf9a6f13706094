// Owns what the commands of the panel do: going from part to part, choosing an answer, looking into a file, scrolling, closing.
import type { PanelCommand, StepWord } from '../keys/command.ts';
import { stepTo } from '../keys/step.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';
import { changeQueue } from '../queue/queue-turn.ts';
import { answerRows } from './panel-answers.ts';
import { openDiff, selectFile } from './panel-files.ts';
import { PANEL_PARTS, type PanelEffect, type PanelMode, type PanelPart } from './panel-mode.ts';
import { chooseAnswer, enterQuestion } from './panel-question.ts';

type Step = readonly [Model, readonly PanelEffect[]];

/** Files that a page has. */
const FILES_PAGE = 10;

/** Does a command of the panel; refused where it is not open. */
export function runPanelCommand(model: Model, command: PanelCommand): Step {
  const { mode } = model;
  if (mode.kind !== 'panel')
    return [refusal(model, `${command.name} acts in the panel of a task`, `${model.keys.prefix} a`), []];
  switch (command.name) {
    case 'panel-go':
      return [{ ...model, mode: { ...mode, diff: null, part: partAt(mode, command.to) } }, []];
    case 'panel-choose':
      // Behind the changes of a file, the question is not seen: first the way back to it.
      if (mode.diff !== null) return [{ ...model, mode: { ...mode, diff: null, part: partAt(mode, 'question') } }, []];
      return chooseAnswer(model, { ...mode, part: partAt(mode, 'question') }, command.row - 1);
    case 'panel-enter':
      if (mode.diff !== null) return [closePanel(model, mode), []];
      return mode.part === 'question' ? enterQuestion(model, mode) : openDiff(model, mode);
  }
}

function partAt(mode: PanelMode, to: PanelPart | 'next' | 'previous'): PanelPart {
  const parts = PANEL_PARTS.filter((part) => part !== 'question' || mode.asked !== null);
  if (to !== 'next' && to !== 'previous') return parts.includes(to) ? to : mode.part;
  const step = to === 'next' ? 1 : parts.length - 1;
  return parts[(parts.indexOf(mode.part) + step) % parts.length] ?? mode.part;
}

/** Moves the selection, or the text of the file that is looked into; `page` is how many lines of it are seen. */
export function scrollPanel(model: Model, mode: PanelMode, to: StepWord, page: number): Model {
  const { diff, asked, part } = mode;
  if (diff !== null) {
    // That more was left out stands behind the last line.
    const count = (diff.lines?.length ?? 0) + (diff.isCut ? 1 : 0);
    const scroll = stepTo(diff.scroll, to, Math.max(0, count - page) + 1, page);
    return { ...model, mode: { ...mode, diff: { ...diff, scroll } } };
  }
  if (part === 'question' && asked !== null) {
    const row = stepTo(asked.row, to, answerRows(asked).length, FILES_PAGE);
    return { ...model, mode: { ...mode, asked: { ...asked, row, refusal: null } } };
  }
  return { ...model, mode: selectFile(mode, to, FILES_PAGE) };
}

/** Closes the file that is looked into, else the panel. */
export function closePanel(model: Model, mode: PanelMode): Model {
  if (mode.diff !== null) return { ...model, mode: { ...mode, diff: null } };
  return { ...changeQueue(model, { confirming: null }), mode: { kind: 'normal' } };
}
