// Owns who acts: the operator's name, address and label, from what was said, the environment, git, or the login.
import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { refuse } from '../domain/refusal.ts';
import { sanitise } from '../domain/text.ts';

export interface Operator {
  readonly name: string;
  /** Empty when none is known. */
  readonly email: string;
  /** What stands in the history, in git's own form: `Alice <alice@example.org>`, or what there is of it. Declared, not proven. */
  readonly label: string;
}

export interface OperatorSource {
  /** `--as` */
  readonly as?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The repository, for git's own configuration. */
  readonly root: string;
}

/** The first that is there: `--as`, DROVER_OPERATOR, git's user.email with user.name, the login name. Refuses an empty one, or one that is reserved. */
export async function resolveOperator({ as, env, root }: OperatorSource): Promise<Operator> {
  if (as !== undefined) return parseOperator(as, '--as');
  if (env['DROVER_OPERATOR']) return parseOperator(env['DROVER_OPERATOR'], 'DROVER_OPERATOR');
  const { email, name } = await gitUser(root, env);
  if (email !== '') return parseOperator(`${(name || email.split('@')[0]) ?? email} <${email}>`, "git's user.email");
  return parseOperator(loginName(env), 'the login name');
}

/** `Alice <alice@example.org>`, `alice@example.org` or `alice`. `source` names it in a refusal. Control characters are refused. */
export function parseOperator(text: string, source: string): Operator {
  if (/\p{Cc}/u.test(text.trim()))
    refuse('bad-params', `${source} holds control characters; write a name or an address without them`);
  const clean = sanitise(text);
  const full = /^([^<>]*)<([^<>\s]+)>$/.exec(clean);
  const email = full?.[2] ?? (/^[^\s<>]+@[^\s<>]+$/.test(clean) ? clean : '');
  const name = (full ? (full[1] ?? '').trim() : clean.split('@')[0]) || email;
  const label = full && name !== email ? `${name} <${email}>` : email || name;
  if (label === '' || label.length > 200 || (!full && /[<>]/.test(label))) {
    refuse('bad-params', `${source} names no operator; write a name, an address, or "Name <address>"`);
  }
  // The history says `drover` and `agent:<task>` for what no person did.
  if ([label, name, email].some((word) => /^(drover$|agent:)/i.test(word))) {
    refuse('bad-params', `${source}: the name "${label}" is reserved`);
  }
  return { name, email, label };
}

function loginName(env: OperatorSource['env']): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a uid that has no entry.
    return env['USER'] || env['LOGNAME'] || `uid-${process.getuid?.() ?? 0}`;
  }
}

/** user.email and user.name of git's configuration, empty where not set or git is missing. `git config` runs no hook, no filter and no alias. */
function gitUser(root: string, env: OperatorSource['env']): Promise<{ email: string; name: string }> {
  const safe = { ...env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_PAGER: 'cat' };
  const args = ['--no-pager', 'config', '-z', '--get-regexp', '^user\\.(email|name)$'];
  return new Promise((resolve) => {
    execFile('git', args, { cwd: root, env: safe, timeout: 5000 }, (error, stdout) => {
      const entries = error ? [] : stdout.split('\0');
      // Of several the last one counts.
      const told = (key: string) =>
        entries
          .findLast((entry) => entry.startsWith(`${key}\n`))
          ?.slice(key.length + 1)
          .trim() ?? '';
      resolve({ email: told('user.email'), name: told('user.name') });
    });
  });
}
