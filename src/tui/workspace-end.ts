// Owns the ways in which a workspace ends.
import type { CloseReason } from './outer-terminal.ts';

export interface WorkspaceEnd {
  readonly reason: 'detached' | 'server-closed' | 'hangup' | 'terminated';
  /** One line for the shell that the person comes back to. */
  readonly message: string;
}

/** What the loss of the terminal means to the caller. Throws what broke the workspace. */
export function endOf(reason: CloseReason): WorkspaceEnd {
  switch (reason.kind) {
    case 'left':
      return { reason: 'detached', message: '' };
    case 'hang-up':
      return { reason: 'hangup', message: 'the terminal is gone' };
    case 'signal':
      return {
        reason: reason.signal === 'SIGHUP' ? 'hangup' : 'terminated',
        message: `ended by ${reason.signal}; everything keeps running`,
      };
    case 'fatal':
      throw new Error('the workspace broke', { cause: reason.error });
  }
}
