// Owns the terminal we run in: taking it, giving it back whatever happens, its size, its input and its output.
import type { Readable, Writable } from 'node:stream';
import type { InputEvent } from './input/input-event.ts';
import type { Capabilities } from './outer/capabilities.ts';

/** Why the terminal was given up. `code` is what a shell would expect as the exit status. */
export type CloseReason =
  | { readonly kind: 'left' }
  | { readonly kind: 'signal'; readonly signal: 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'fatal'; readonly error: unknown };

export interface OuterTerminalOptions {
  readonly input?: Readable & { isTTY?: boolean; setRawMode?: (isRaw: boolean) => unknown };
  readonly output?: Writable & { isTTY?: boolean; columns?: number; rows?: number; fd?: number };
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ask for mouse reports (1002 and 1006). Default false. */
  readonly mouse?: boolean;
  /** Called after the terminal has been restored. None of them may call process.exit: main does. */
  readonly onFatal?: (error: unknown) => void;
  readonly onHangup?: () => void;
  readonly onTerminate?: (signal: string) => void;
}

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

export declare class OuterTerminal {
  constructor(options?: OuterTerminalOptions);
  /** Resolves once, when the terminal has been given back for good. It never rejects. */
  readonly closed: Promise<CloseReason>;
  readonly size: Size;
  /** True while the terminal has not taken what was written: paint nothing, wait for onDrain. */
  readonly isBlocked: boolean;
  enter(): void;
  leave(): void;
  /** Switches mouse reports on or off. */
  setMouse(isWanted: boolean): void;
  /** Writes bytes; returns false when the terminal is now blocked. Nothing is written unless entered. */
  write(bytes: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Debounced by 50 ms. */
  onResize(listener: (size: Size) => void): void;
  /** The screen's contents are void (after SIGCONT): compositor.invalidate() and paint all. */
  onRepaint(listener: () => void): void;
  onInput(listener: (event: InputEvent) => void): void;
  /** Asks the terminal what it can do; at most 300 ms. Before it, capabilitiesFrom(env) is what is known. */
  probe(): Promise<Capabilities>;
}
