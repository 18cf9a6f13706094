// Owns the ways in which a workspace ends.
import type { ExitSignal } from './outer/restore-guard.ts';
import type { CloseReason } from './outer-terminal.ts';

export interface WorkspaceEnd {
  readonly reason: 'detached' | 'server-closed' | 'hangup' | 'interrupted' | 'quit' | 'terminated';
  /** One line for the shell that the person comes back to. */
  readonly message: string;
}

const SIGNALS: Readonly<Record<ExitSignal, WorkspaceEnd['reason']>> = {
  SIGHUP: 'hangup',
  SIGINT: 'interrupted',
  SIGQUIT: 'quit',
  SIGTERM: 'terminated',
};

/** What the loss of the terminal means to the caller. Throws what broke the workspace. */
export function endOf(reason: CloseReason): WorkspaceEnd {
  switch (reason.kind) {
    case 'left':
      return { reason: 'detached', message: '' };
    case 'hang-up':
      return { reason: 'hangup', message: 'the terminal is gone' };
    case 'signal':
      return {
        reason: SIGNALS[reason.signal],
        message: `ended by ${reason.signal}; everything keeps running`,
      };
    case 'fatal':
      throw new Error('the workspace broke', { cause: reason.error });
  }
}
