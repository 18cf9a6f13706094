// Owns the table from an agent's kind to its adapter.
import type { AgentKind } from '../domain/worker.ts';
import type { AgentAdapter } from './agent.ts';
import { claudeCode } from './claude-code.ts';
import { commandAgent } from './command-agent.ts';
import { rehearsal } from './rehearsal.ts';

const ADAPTERS: Readonly<Record<AgentKind, AgentAdapter>> = { claude: claudeCode, command: commandAgent, rehearsal };

/** The adapter of a kind of agent. */
export function adapterFor(kind: AgentKind): AgentAdapter {
  return ADAPTERS[kind];
}
