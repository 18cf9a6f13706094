// Owns what a client that only looks on may call.
import { type Refusal, RefusalError } from '../domain/refusal.ts';
import type { MethodName } from '../protocol/methods.ts';

/** What each method does to the session. A new method must be entered here, or nothing compiles. */
const EFFECTS: { readonly [M in MethodName]: 'looks' | 'changes' } = {
  'session.hello': 'looks',
  'status.get': 'looks',
  'status.oneline': 'looks',
  'task.create': 'changes',
  'task.edit': 'changes',
  'task.list': 'looks',
  'task.show': 'looks',
  'task.diff': 'looks',
  'task.files': 'looks',
  'task.watch-files': 'looks',
  'task.why': 'looks',
  'task.cancel': 'changes',
  'task.retry': 'changes',
  'run.answer': 'changes',
  'guidance.send': 'changes',
  'guidance.list': 'looks',
  'guidance.retract': 'changes',
  'task.pause': 'changes',
  'task.resume': 'changes',
  'epic.create': 'changes',
  'epic.list': 'looks',
  'session.start': 'changes',
  'session.stop': 'changes',
  'session.hold': 'changes',
  'session.unhold': 'changes',
  'pool.status': 'looks',
  'pool.warm': 'changes',
  'pool.refresh': 'changes',
  'pool.drain': 'changes',
  'server.status': 'looks',
  'server.stop': 'changes',
  'events.subscribe': 'looks',
  'events.recent': 'looks',
  'pane.view': 'looks',
  'pane.list': 'looks',
  'pane.capture': 'looks',
  'pane.history': 'looks',
  'pane.freeze': 'looks',
  'conversation.read': 'looks',
  'search.run': 'looks',
  'pane.search': 'looks',
  'pane.palette': 'changes',
  'pane.submit': 'changes',
  'pane.lock': 'changes',
  'pane.unlock': 'changes',
  'pane.give': 'changes',
  'pane.open': 'changes',
  'pane.close': 'changes',
  'client.list': 'looks',
  'client.detach': 'changes',
  'client.choose': 'looks',
  'agent.mcp-ready': 'changes',
  'agent.complete': 'changes',
  'agent.task': 'looks',
  'agent.tasks': 'looks',
  'agent.record-findings': 'changes',
  'agent.decompose': 'changes',
  'agent.stop-waiting': 'changes',
  'agent.subtask-news': 'looks',
  'agent.subtask-status': 'changes',
  'agent.create-subtask': 'changes',
};

/** Why a client that looks on only is not given what it asks for. */
export function readOnlyRefusal(what: string): Refusal {
  return { code: 'read-only', message: `you are attached read-only: ${what}`, next: 'drover attach' };
}

/** Refuses ('read-only') a method that changes something. */
export function requireLooking(method: MethodName): void {
  if (EFFECTS[method] === 'changes') throw new RefusalError(readOnlyRefusal(`${method} changes something`));
}
