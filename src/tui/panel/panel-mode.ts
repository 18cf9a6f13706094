// Owns the intervention panel as a mode of the workspace: the task that it is about, which part of it has the keys, what is being written and looked at.
import type { Question } from '../../domain/question.ts';
import type { TaskId } from '../../domain/task.ts';
import type { FileChange, TaskFiles } from '../../protocol/task-files.ts';
import type { LineEdit } from '../command-bar/line-edit.ts';
import type { Outcome } from '../message.ts';

export const PANEL_PARTS = ['question', 'hint', 'files'] as const;
export type PanelPart = (typeof PANEL_PARTS)[number];

export interface PanelMode {
  readonly kind: 'panel';
  readonly taskId: TaskId;
  /** Which part has the keys. */
  readonly part: PanelPart;
  /** The question on the screen; null while nothing was asked. */
  readonly asked: Asked | null;
  readonly hint: LineEdit;
  /** The hint is on its way to the server. */
  readonly isSending: boolean;
  /** Why the last hint was not taken; stays until its text is changed. */
  readonly refusal: string | null;
  /** Null until the server has told them. */
  readonly files: TaskFiles | null;
  /** The path of the selected file; null for the first. */
  readonly selected: string | null;
  /** The file that is looked into. */
  readonly diff: ShownDiff | null;
}

/** A question as it was put on the screen. Only this one is answered from here, whatever else is asked meanwhile. */
export interface Asked {
  readonly question: Question;
  /** What became of it, in words; null while it waits. The next one is shown when the person asks for it. */
  readonly fate: string | null;
  /** Words for the parts before the one that is shown, by whose number it is counted. */
  readonly answers: readonly string[];
  /** Indexes of the options that are marked, where several may be chosen. */
  readonly marked: readonly number[];
  /** Index of the selected row of answers. */
  readonly row: number;
  /** What is being written: the reason of a denial, or an answer in one's own words. */
  readonly writing: { readonly kind: 'reason' | 'words'; readonly edit: LineEdit } | null;
  /** The answer is on its way. */
  readonly isRunning: boolean;
  /** Why the last answer was not taken; stays until the next key. */
  readonly refusal: string | null;
}

export interface ShownDiff {
  readonly file: FileChange;
  /** Not sanitised; null until it has come. */
  readonly lines: readonly string[] | null;
  readonly isCut: boolean;
  /** Why it cannot be shown; null otherwise. */
  readonly refusal: string | null;
  readonly scroll: number;
}

export type PanelEffect =
  /** Looks at the files of a task from now on; at none for null. */
  | { readonly type: 'watch-files'; readonly taskId: TaskId | null }
  | { readonly type: 'load-diff'; readonly taskId: TaskId; readonly file: FileChange }
  | { readonly type: 'send-hint'; readonly taskId: TaskId; readonly text: string }
  | {
      readonly type: 'answer';
      readonly taskId: TaskId;
      readonly questionId: string;
      readonly words: readonly string[];
    };

export type PanelMessage =
  | { readonly type: 'files-told'; readonly files: TaskFiles }
  | {
      readonly type: 'diff-loaded';
      readonly taskId: TaskId;
      readonly path: string;
      readonly loaded: { readonly lines: readonly string[]; readonly isCut: boolean } | { readonly refusal: string };
    }
  | { readonly type: 'hint-sent'; readonly taskId: TaskId; readonly outcome: Outcome }
  | { readonly type: 'answered'; readonly questionId: string; readonly outcome: Outcome };

/** The files as the panel lists them. */
export function listedFiles({ files }: PanelMode): readonly FileChange[] {
  return files?.files ?? [];
}

/** The index of the selected file; 0 when it is not in the list any more. */
export function selectedFile(mode: PanelMode): number {
  return Math.max(
    0,
    listedFiles(mode).findIndex(({ path }) => path === mode.selected),
  );
}
