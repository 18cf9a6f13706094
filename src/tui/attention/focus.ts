// Owns what programs are told of the keyboard: which pane has it, and whether our terminal has it at all. Pure.
import type { Effect, Step } from '../effect.ts';
import { isPaneLive, type Model } from '../model.ts';

/** Our terminal has got or lost the keyboard: the focused pane's program is told. */
export function terminalFocus(model: Model, isFocused: boolean): Step {
  return [{ ...model, hasTerminalFocus: isFocused }, report(model, model.focused, isFocused)];
}

/** The reports after a step that moved the focus between panes; none while another window has the keyboard. */
export function focusReports(before: Model, after: Model): readonly Effect[] {
  if (before.focused === null || before.focused === after.focused || !after.hasTerminalFocus) return [];
  return [...report(after, before.focused, false), ...report(after, after.focused, true)];
}

function report(model: Model, pane: number | null, isFocused: boolean): readonly Effect[] {
  if (pane === null || model.isReadOnly || model.connection.kind !== 'open' || !isPaneLive(model, pane)) return [];
  return [{ type: 'focus-report', pane, isFocused }];
}
