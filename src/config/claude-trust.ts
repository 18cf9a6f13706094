// Owns the question whether the operator told Claude Code to trust a repository, as Claude Code writes it down.
import { readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder, `root` or one above it, that the operator told Claude Code to trust; it covers all worktrees of `root`. Null when there is none. */
export async function findTrust(root: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const file = join(env['CLAUDE_CONFIG_DIR'] || env['HOME'] || homedir(), '.claude.json');
  const trusted = await trustedFolders(file);
  for (let at = await realpath(root).catch(() => root); ; at = dirname(at)) {
    if (trusted.has(at)) return at;
    if (dirname(at) === at) return null;
  }
}

async function trustedFolders(file: string): Promise<Set<string>> {
  try {
    const config: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof config !== 'object' || config === null || !('projects' in config)) return new Set();
    const projects: unknown = config.projects;
    if (typeof projects !== 'object' || projects === null) return new Set();
    const entries = Object.entries(projects).filter(([, project]) => isTrusted(project));
    return new Set(entries.map(([path]) => path));
  } catch {
    return new Set();
  }
}

function isTrusted(project: unknown): boolean {
  return (
    typeof project === 'object' &&
    project !== null &&
    'hasTrustDialogAccepted' in project &&
    project.hasTrustDialogAccepted === true
  );
}
