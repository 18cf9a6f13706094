// Owns which of a project's own MCP servers (.mcp.json) an agent starts: those that the operator has approved before, no others.
//
// Claude Code keeps that approval beside the main working tree, so that in a fresh worktree it would ask again at every
// start, in a dialog that nobody sees. The answer is carried over; a server that was never approved stays off.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

export interface McpApproval {
  readonly enabled: readonly string[];
  readonly disabled: readonly string[];
}

const EMPTY: Json = {};

function recordAt(record: Json, field: string): Json {
  const value = record[field];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : EMPTY;
}

/** A file that is missing or no JSON says nothing. */
async function readRecord(path: string): Promise<Json> {
  try {
    return recordAt({ file: JSON.parse(await readFile(path, 'utf8')) }, 'file');
  } catch {
    return EMPTY;
  }
}

/** The decision for each server that the worktree's .mcp.json names. A refusal outweighs an approval. */
export async function readMcpApproval(where: {
  worktree: string;
  root: string;
  env: Readonly<Record<string, string | undefined>>;
}): Promise<McpApproval> {
  const servers = Object.keys(recordAt(await readRecord(join(where.worktree, '.mcp.json')), 'mcpServers'));
  if (servers.length === 0) return { enabled: [], disabled: [] };
  const home = where.env['HOME'] || homedir();
  const config = where.env['CLAUDE_CONFIG_DIR'];
  const state = await readRecord(join(config || home, '.claude.json'));
  // The settings that are the operator's own; those committed in the repository cannot approve themselves.
  const sources = [
    recordAt(recordAt(state, 'projects'), where.root),
    await readRecord(join(where.root, '.claude', 'settings.local.json')),
    await readRecord(join(config || join(home, '.claude'), 'settings.json')),
  ];
  const isListed = (field: string, name: string): boolean =>
    sources.some((source) => {
      const list = source[field];
      return Array.isArray(list) && list.includes(name);
    });
  const areAllApproved = sources.some((source) => source['enableAllProjectMcpServers'] === true);
  const isEnabled = (name: string): boolean =>
    (areAllApproved || isListed('enabledMcpjsonServers', name)) && !isListed('disabledMcpjsonServers', name);
  return { enabled: servers.filter(isEnabled), disabled: servers.filter((name) => !isEnabled(name)) };
}
