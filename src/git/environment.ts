// Owns the environment and the configuration overrides that every git process of ours runs under.

/** What git sees of our own environment: where programs, the user's configuration and temporary files are, and the tag by which the next server finds the gits of a killed one. */
const PASSED_ON = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'TMPDIR', 'USER', 'LOGNAME', 'DROVER_SESSION'] as const;

/**
 * The whole environment of a git process. Built, never inherited: a GIT_DIR, GIT_INDEX_FILE or GIT_CONFIG_* of the
 * shell that started us would send git to another repository.
 * HOME and the system configuration stay readable (no GIT_CONFIG_NOSYSTEM): `git lfs install` puts its filters there,
 * and a checkout without them would be wrong. Both are watched by the configuration guard.
 */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {
    // Messages are compared by the retry rule, so they must not be translated.
    LANG: 'C',
    LC_ALL: 'C',
    // Nobody sits there to be asked; each of these beats the configuration key of the same purpose.
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_EDITOR: 'true',
    GIT_SEQUENCE_EDITOR: 'true',
    GIT_PAGER: 'cat',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    // A missing object makes git fetch from a promisor remote, and `remote.x.uploadpack` of a local path or `ext::` is a
    // command. Only these two carry no command of the configuration to this machine.
    GIT_ALLOW_PROTOCOL: 'https:ssh',
    // File names are names, never patterns.
    GIT_LITERAL_PATHSPECS: '1',
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return { ...env, ...extra };
}

/** What a connection to a remote may need of our own environment, beside what every git sees. */
const NETWORK = [
  'SSH_AUTH_SOCK',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
];

/**
 * Added to the environment for a fetch, which goes to the remote as the operator's own git does: by any of git's own
 * transports (`ext::` is a command, and stays out), with their agent for ssh, and without ever asking. `sshCommand` is
 * core.sshCommand as it was when the session began, or null.
 */
export function fetchEnvironment(sshCommand: string | null): Record<string, string> {
  const own = NETWORK.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const ssh = process.env['GIT_SSH_COMMAND'] || sshCommand || 'ssh';
  // Another program than OpenSSH's may not know the option; there is no terminal that it could ask at.
  const takesOptions = /^(?:\S*\/)?ssh(?:\s|$)/.test(ssh);
  return {
    ...Object.fromEntries(own),
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_SSH_COMMAND: takesOptions ? `${ssh} -oBatchMode=yes` : ssh,
    // The Git Credential Manager opens a window otherwise.
    GCM_INTERACTIVE: 'never',
  };
}

/** Overrides that turn off whatever a configuration file could make git run. Keys with a free middle part cannot be overridden: hostile-config.ts refuses those. */
export const HARDENED_CONFIG: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.alternateRefsCommand=true',
  'core.gitProxy=',
  'core.askPass=true',
  'credential.helper=',
  'diff.external=',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'log.showSignature=false',
  'merge.verifySignatures=false',
  'gpg.program=false',
  'submodule.recurse=false',
  // gc of two worktrees at once fails; nothing of ours may start one behind our back.
  'gc.auto=0',
  'maintenance.auto=false',
  'rerere.enabled=false',
  // ms to wait for the lock of a ref that another git holds for a moment; git's own 100 is short on a busy machine.
  'core.filesRefLockTimeout=2000',
  'core.quotePath=false',
  // A full id is no name of a ref; looking for one takes twenty files for each id in the arguments.
  'core.warnAmbiguousRefs=false',
  'i18n.commitEncoding=UTF-8',
];
