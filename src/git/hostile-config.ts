// Owns the guard against configuration that an agent plants in the shared git folder to have it run by us.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { refuse } from '../domain/refusal.ts';
import { git } from './runner.ts';

/**
 * Keys that make git run something (or write elsewhere) and that no `-c` override reaches, because their middle part
 * is free or because the override would break the repository. Lower case, as git lists them.
 * Attributes and hooks are not here: an attribute can only choose among the drivers of these keys, and hooks are off.
 */
const WATCHED = [
  /^filter\..+\.(?:clean|smudge|process)$/s,
  /^merge\..+\.driver$/s,
  /^diff\..+\.(?:textconv|command)$/s,
  /^remote\..+\.(?:uploadpack|receivepack|vcs|promisor)$/s,
  /^extensions\.partialclone$/,
  /^include\.path$/,
  /^includeif\..+\.path$/s,
  /^core\.(?:worktree|bare)$/,
];

interface Listing {
  /** `key\nvalue` of each watched key. */
  readonly watched: ReadonlySet<string>;
  /** The files that the configuration came from. */
  readonly files: readonly string[];
}

/**
 * What the configuration could run when the session began is the user's own (git-lfs and the like) and is trusted;
 * whatever is added to it later is refused by name until it is gone, or until a person restarts the server and so
 * trusts it. Landing a task runs the project's tests on the agent's work with the same rights, so a trusted filter that
 * calls a script of the repository opens no door that was shut.
 */
export class ConfigGuard {
  readonly #trusted: ReadonlySet<string>;
  readonly #files: Set<string>;
  /** Folder -> fingerprint of the configuration files when it was last found good. */
  readonly #good = new Map<string, string>();

  private constructor(gitDir: string, cwd: string, listing: Listing) {
    this.#trusted = listing.watched;
    this.#files = new Set([...standardFiles(gitDir), ...listing.files]);
    this.#good.set(cwd, this.#fingerprint());
  }

  /** Takes the present configuration, as seen from `cwd`, as the user's own. */
  static async open(gitDir: string, cwd: string): Promise<ConfigGuard> {
    return new ConfigGuard(gitDir, cwd, await listConfig(cwd));
  }

  /**
   * Refuses (`landing-refused`, naming the key) when a watched key was added or changed since the start, as seen from
   * the worktree `cwd`. Costs a few file reads while nothing changed. Ask before each group of commands that checks out,
   * adds or merges.
   */
  async check(cwd: string): Promise<void> {
    const before = this.#fingerprint();
    if (this.#good.get(cwd) === before) return;
    const listing = await listConfig(cwd);
    for (const file of listing.files) this.#files.add(file);
    const planted = [...listing.watched].find((entry) => !this.#trusted.has(entry));
    if (planted !== undefined) this.#refuse(planted);
    this.#good.set(cwd, this.#fingerprint());
  }

  #refuse(entry: string): never {
    const cut = entry.indexOf('\n');
    const key = JSON.stringify(entry.slice(0, cut)).slice(1, -1);
    const value = JSON.stringify(entry.slice(cut + 1)).slice(0, 200);
    refuse(
      'landing-refused',
      `git configuration ${key} was set to ${value} after this session started, and git would act on it, so Drover runs nothing there`,
      `git config --show-origin --get-all '${key.replaceAll("'", "'\\''")}'   # remove it; or, if it is yours: drover server restart`,
    );
  }

  #fingerprint(): string {
    const hash = createHash('sha256');
    for (const file of this.#files) hash.update(file).update('\0').update(contentOf(file)).update('\0');
    return hash.digest('hex');
  }
}

function standardFiles(gitDir: string): string[] {
  const home = process.env['HOME'] || homedir();
  const xdg = process.env['XDG_CONFIG_HOME'] || join(home, '.config');
  return [
    '/etc/gitconfig',
    join(xdg, 'git', 'config'),
    join(home, '.gitconfig'),
    join(gitDir, 'config'),
    join(gitDir, 'config.worktree'),
  ];
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.from('absent');
  }
}

/** Lists the configuration as git sees it from `cwd`, includes followed. It runs nothing. */
async function listConfig(cwd: string): Promise<Listing> {
  const { stdout } = await git(['config', '--list', '-z', '--show-scope', '--show-origin'], { cwd, isRead: true });
  const fields = stdout.split('\0');
  const watched = new Set<string>();
  const files = new Set<string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope = '', origin = '', entry = ''] = fields.slice(at, at + 3);
    // Our own overrides.
    if (scope === 'command') continue;
    if (origin.startsWith('file:')) files.add(resolve(cwd, origin.slice('file:'.length)));
    const key = entry.split('\n', 1)[0] ?? '';
    if (WATCHED.some((pattern) => pattern.test(key.toLowerCase())))
      watched.add(entry.includes('\n') ? entry : `${entry}\n`);
  }
  return { watched, files: [...files] };
}
