// Owns the guard against configuration that an agent plants in the shared git folder to have it run by us.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { shellQuote } from '../domain/quote.ts';
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

/** Keys that say where a remote is and how it is reached. They matter for a fetch alone, and an agent that sets one stops nothing else. */
const NETWORK = [
  /^branch\..+\.(?:remote|merge)$/s,
  /^remote\..+\.(?:url|uploadpack|vcs|proxy|promisor)$/s,
  /^url\..+\.insteadof$/s,
  /^(?:credential|http|ssh|protocol)\./s,
  /^core\.sshcommand$/,
];

interface Listing {
  /** `key\nvalue` of each watched key. */
  readonly watched: ReadonlySet<string>;
  /** Likewise of each key of the network, in git's order. */
  readonly network: readonly string[];
  /** The files that the configuration came from. */
  readonly files: readonly string[];
  /** core.bare; null when it is not set. */
  readonly isBare: boolean | null;
}

/**
 * What the configuration could run when the session began is the user's own (git-lfs and the like) and is trusted;
 * whatever is added to it later is refused by name until it is gone, or until a person restarts the server and so
 * trusts it. Landing a task runs the project's tests on the agent's work with the same rights, so a trusted filter that
 * calls a script of the repository opens no door that was shut.
 */
export class ConfigGuard {
  /** core.bare when the session began; null when it was not set. */
  readonly isBare: boolean | null;
  readonly #trusted: ReadonlySet<string>;
  readonly #network: readonly string[];
  readonly #files: Set<string>;
  /** Folder -> fingerprint of the configuration files when it was last found good. */
  readonly #good = new Map<string, string>();

  private constructor(gitDir: string, cwd: string, listing: Listing) {
    this.isBare = listing.isBare;
    this.#trusted = listing.watched;
    this.#network = listing.network;
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

  /** The value that a key of the network had when the session began, the last one of several; null when it was not set. The key as git lists it. */
  network(key: string): string | null {
    const entry = this.#network.findLast((each) => keyOf(each) === key);
    return entry === undefined ? null : entry.slice(key.length + 1);
  }

  /**
   * Refuses (`not-allowed`, naming the key and not its value, which may be a secret) when a key of the network that is
   * concerned was added, changed or removed since the start: a fetch would go where an agent sends it.
   */
  async checkNetwork(cwd: string, isConcerned: (key: string) => boolean): Promise<void> {
    const concerned = (entries: readonly string[]) => entries.filter((entry) => isConcerned(keyOf(entry)));
    const [before, now] = [concerned(this.#network), concerned((await listConfig(cwd)).network)];
    const changed = [...now, ...before].find((entry) => !now.includes(entry) || !before.includes(entry));
    if (changed === undefined) return;
    const key = JSON.stringify(keyOf(changed)).slice(1, -1);
    refuse(
      'not-allowed',
      `git configuration ${key} was changed after this session started, so nothing is fetched by it`,
      `git config --show-origin --get-all ${shellQuote(key)}   # undo it; or, if it is yours: drover server restart`,
    );
  }

  #refuse(entry: string): never {
    const cut = entry.indexOf('\n');
    const key = JSON.stringify(entry.slice(0, cut)).slice(1, -1);
    const value = JSON.stringify(entry.slice(cut + 1)).slice(0, 200);
    refuse(
      'landing-refused',
      `git configuration ${key} was set to ${value} after this session started, and git would act on it, so Drover runs nothing there`,
      `git config --show-origin --get-all ${shellQuote(key)}   # remove it; or, if it is yours: drover server restart`,
    );
  }

  #fingerprint(): string {
    const hash = createHash('sha256');
    for (const file of this.#files) hash.update(file).update('\0').update(contentOf(file)).update('\0');
    return hash.digest('hex');
  }
}

function keyOf(entry: string): string {
  return entry.split('\n', 1)[0] ?? '';
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
  const network: string[] = [];
  const files = new Set<string>();
  let isBare: boolean | null = null;
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope = '', origin = '', entry = ''] = fields.slice(at, at + 3);
    // Our own overrides.
    if (scope === 'command') continue;
    if (origin.startsWith('file:')) files.add(resolve(cwd, origin.slice('file:'.length)));
    const key = keyOf(entry).toLowerCase();
    // A key without a value is true.
    if (key === 'core.bare') isBare = !/\n(?:false|no|off|0*)$/i.test(entry);
    const isAny = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(key));
    const line = entry.includes('\n') ? entry : `${entry}\n`;
    if (isAny(WATCHED)) watched.add(line);
    if (isAny(NETWORK)) network.push(line);
  }
  return { watched, network, files: [...files], isBare };
}
