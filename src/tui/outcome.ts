// Owns how a call that went wrong is told.
import { RefusalError } from '../domain/refusal.ts';
import type { Outcome } from './message.ts';

/** What a call has thrown, as words with the command to type next. */
export function refusedOutcome(error: unknown): Extract<Outcome, { ok: false }> {
  if (error instanceof RefusalError) return { ok: false, text: error.refusal.message, next: error.refusal.next };
  return { ok: false, text: error instanceof Error ? error.message : String(error), next: '' };
}
