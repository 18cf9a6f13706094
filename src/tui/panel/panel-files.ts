// Owns the files in the panel: which one is selected, and the one that is looked into.

import type { TaskFiles } from '../../protocol/task-files.ts';
import type { StepWord } from '../keys/command.ts';
import { stepTo } from '../keys/step.ts';
import type { Model } from '../model.ts';
import { refusal } from '../note.ts';
import { listedFiles, type PanelEffect, type PanelMessage, type PanelMode, selectedFile } from './panel-mode.ts';

type Step = readonly [Model, readonly PanelEffect[]];

/** Selects another file. */
export function selectFile(mode: PanelMode, to: StepWord, page: number): PanelMode {
  const files = listedFiles(mode);
  const file = files[stepTo(selectedFile(mode), to, files.length, page)];
  return file ? { ...mode, selected: file.path } : mode;
}

/** Looks into the selected file. */
export function openDiff(model: Model, mode: PanelMode): Step {
  const file = listedFiles(mode)[selectedFile(mode)];
  if (!file) return [refusal(model, 'no file is listed', ''), []];
  const diff = { file, lines: null, isCut: false, refusal: null, scroll: 0 };
  return [
    { ...model, mode: { ...mode, selected: file.path, diff } },
    [{ type: 'load-diff', taskId: mode.taskId, file }],
  ];
}

/** The list has come, or is another one; what is looked into is loaded again when its file has changed. */
export function hearFiles(model: Model, mode: PanelMode, files: TaskFiles): Step {
  if (files.taskId !== mode.taskId) return [model, []];
  const { diff } = mode;
  const file = files.files.find(({ path }) => path === diff?.file.path);
  const isOther = diff !== null && file !== undefined && JSON.stringify(file) !== JSON.stringify(diff.file);
  const next: PanelMode = { ...mode, files, diff: isOther ? { ...diff, file } : diff };
  return [{ ...model, mode: next }, isOther ? [{ type: 'load-diff', taskId: mode.taskId, file }] : []];
}

/** A patch has come; one of a file that is looked into no more is dropped. */
export function hearDiff(
  model: Model,
  mode: PanelMode,
  message: Extract<PanelMessage, { type: 'diff-loaded' }>,
): Model {
  const { diff } = mode;
  if (diff === null || message.taskId !== mode.taskId || message.path !== diff.file.path) return model;
  const { loaded } = message;
  if ('refusal' in loaded) return { ...model, mode: { ...mode, diff: { ...diff, refusal: loaded.refusal } } };
  const { lines, isCut } = loaded;
  const scroll = Math.max(0, Math.min(diff.scroll, lines.length - 1));
  return { ...model, mode: { ...mode, diff: { ...diff, lines, isCut, scroll, refusal: null } } };
}
