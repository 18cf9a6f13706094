// Owns the JSON messages of the control frames.
import type { Envelope } from '../domain/event.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { ClientInfo, MethodName, PaneInfo } from './methods.ts';
import type { TaskFiles } from './task-files.ts';

/** Client to server. `id` is chosen by the client and comes back in the reply. */
export interface Request {
  id: number;
  method: MethodName;
  params: unknown;
}

export interface Success {
  id: number;
  result: unknown;
}

/** `fault` is set when it was not the operator's mistake: the message then names the log. */
export interface Failure {
  id: number;
  error: Refusal & { fault?: true };
}

/** Server to client, unasked. */
export type Notice =
  | { notice: 'event'; envelope: Envelope }
  /** A pane began or ended a run, or changed its size or title. */
  | { notice: 'pane'; pane: PaneInfo }
  /** Who is attached has changed, or what they look at. */
  | { notice: 'clients'; clients: ClientInfo[] }
  /** The program in a pane rang the bell, told at most once a second, or has printed, told once until the client has turned to the pane. */
  | { notice: 'signal'; pane: number; signal: 'bell' | 'activity' }
  /** This operator has chosen a layout or a theme elsewhere. */
  | { notice: 'chosen'; what: 'layout' | 'theme'; name: string }
  /** The files of the task that this client watches. */
  | { notice: 'files'; files: TaskFiles }
  /** What this client typed was not taken. */
  | { notice: 'refused'; refusal: Refusal }
  /** This client was too slow: its events were dropped and it must subscribe anew. */
  | { notice: 'resync' }
  /** `isDetach`: this client was sent away; the server goes on without it. */
  | { notice: 'closing'; reason: string; isDetach?: true };

export type ServerMessage = Success | Failure | Notice;
