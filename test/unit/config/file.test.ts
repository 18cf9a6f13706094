import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';
import { parseConfigFile } from '../../../src/config/file.ts';
import { knownKeys, OPERATOR_KEYS } from '../../../src/config/file-schema.ts';
import { mergeConfig, parseConfig } from '../../../src/config/load.ts';
import { DEFAULT_CONFIG } from '../../../src/config/schema.ts';
import { configTemplate } from '../../../src/config/template.ts';

const repository = (text: string) => parseConfigFile(text, 'config.yaml', 'repository');
const operator = (text: string) => parseConfigFile(text, 'own.yaml', 'operator');

function messageOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a mistake is told by file, line and key', () => {
  test.each([
    ['an unknown key', 'workers: 2\nworkerz: 3\n', 'config.yaml:2: there is no key workerz; the nearest is workers'],
    [
      'an unknown key of a group',
      'retry:\n  # often\n  maxAttempt: 3\n',
      'config.yaml:3: there is no key retry.maxAttempt; the nearest is retry.maxAttempts',
    ],
    [
      'a key in the wrong group',
      'maxAttempts: 3\n',
      'config.yaml:1: there is no key maxAttempts; the nearest is retry.maxAttempts',
    ],
    ['a wrong type', '\n\nworkers: many\n', 'config.yaml:3: workers: takes a whole number from 1 to 64'],
    [
      'an unknown key beside one that is missing',
      'setup: [{ runn: make }]\n',
      'config.yaml:1: there is no key setup.0.runn; the nearest is setup.0.run',
    ],
    [
      'a key that is missing',
      'setup: [{ outputs: [a] }]\n',
      'config.yaml:1: setup.0.run: takes a shell command of 1 to 10000 characters, not nothing; for example, setup: [ { run: make tools, outputs: [ .tools ] } ]',
    ],
    [
      'a number out of bounds',
      'workers: 0\n',
      'config.yaml:1: workers: takes a whole number from 1 to 64, not 0; for example, workers: 4',
    ],
    [
      'a number in a group',
      'pool: { size: 2.5 }\n',
      'config.yaml:1: pool.size: takes a whole number from 0 to 64, not 2.5; for example, pool: { size: 8 }',
    ],
    [
      'a wrong choice',
      'agent: gpt\n',
      'config.yaml:1: agent: takes one of claude, command, rehearsal, not "gpt"; for example, agent: claude',
    ],
    [
      'a duration without a unit',
      'taskTimeout: 30\n',
      'config.yaml:1: taskTimeout: takes a duration such as 30s, 10m or 1h, from 1s to 7d, not 30; for example, taskTimeout: 1h',
    ],
    [
      'a duration that is none',
      'taskTimeout: soon\n',
      'taskTimeout: takes a duration such as 30s, 10m or 1h, from 1s to 7d, not "soon"',
    ],
    [
      'a duration that is too long',
      'sync: { timeout: 30d }\n',
      'sync.timeout: takes a duration such as 30s, 10m or 1h, from 1s to 1h, not "30d"; for example, sync: { timeout: 30s }',
    ],
    [
      'a group that is a text',
      'retry: often\n',
      'config.yaml:1: retry: takes a group of maxAttempts, baseDelay, maxDelay, not "often"; for example, retry: { maxAttempts: 3 }',
    ],
    [
      'a list item',
      'claude:\n  deny:\n    - ok\n    - 5\n',
      'config.yaml:4: claude.deny.1: takes a text of 1 to 10000 characters, not 5; for example, claude: { deny: [ Read(./.env) ] }',
    ],
    [
      'a choice within what may be a word or a group',
      'dependencies: { share: often }\n',
      'config.yaml:1: dependencies.share: takes one of auto, link, copy, not "often"; for example, dependencies: { share: auto }',
    ],
    ['a switch', 'title: 3\n', 'config.yaml:1: title: takes true or false, not 3; for example, title: true'],
    [
      'a name that is too long',
      `keys: { bindings: { ${'x'.repeat(21)}: zoom } }\n`,
      `config.yaml:1: keys.bindings: takes keys of 1 to 20 characters, not "${'x'.repeat(21)}"; for example, keys: { bindings: { prefix x: zoom } }`,
    ],
    ['broken YAML', 'workers: 2\ntest: [a\n', 'config.yaml:'],
    ['a key given twice', 'workers: 2\nworkers: 3\n', 'config.yaml:2: is not YAML: '],
    [
      'a list in place of a file',
      '- a\n',
      'config.yaml:1: the file: takes a group of keys, not a list; for example, workers: 4',
    ],
    [
      'a branch that looks like an option',
      'baseBranch: --upload-pack=x\n',
      'config.yaml:1: baseBranch: takes the name of a branch, not "--upload-pack=x"; for example, baseBranch: main',
    ],
    [
      'a model that looks like an option',
      'claude:\n  model: --dangerously-skip-permissions\n',
      'config.yaml:2: claude.model: takes the name of a model, not "--dangerously-skip-permissions"; for example, claude: { model: opus }',
    ],
    ['a prototype', '__proto__:\n  workers: 3\n', 'config.yaml:1: there is no key __proto__'],
  ])('%s', (_name, text, message) => {
    expect(() => repository(text)).toThrow(message);
  });

  // Whatever stands behind a key: the sentence is Drover's own, and its example is a file that is taken.
  test.each(knownKeys())('%s, with any wrong value', (key) => {
    const values = [
      '-7',
      '1e300',
      'true',
      '""',
      '"-no such"',
      `"${'x'.repeat(20_000)}"`,
      '~',
      '[[]]',
      '{ nope: [] }',
      '{ nope: 1 }',
    ];
    let refused = 0;
    for (const value of values) {
      const text = key.split('.').reduceRight((inner, part) => `{ ${part}: ${inner} }`, value);
      const message = messageOf(() => operator(text));
      if (message === null) continue;
      refused += 1;
      if (message.includes('there is no key')) continue;
      const [, told, example] = /^own\.yaml:1: (\S+): takes .+, not .+; for example, (.+)$/.exec(message) ?? [message];
      expect(told?.startsWith(key), message).toBe(true);
      expect(() => operator(example ?? '['), message).not.toThrow();
    }
    expect(refused).toBeGreaterThan(4);
  });

  test('an escape sequence in a key does not reach the terminal', () => {
    expect(() => repository('"a\\e[31mb": 1\n')).toThrow('there is no key a[31mb;');
  });

  test('a bomb of aliases is refused', () => {
    const rows = ['a0: &a0 [x, x]', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)];
    expect(() => repository(rows.join('\n'))).toThrow('config.yaml:1: cannot be read');
  });
});

describe('what a repository may not set', () => {
  test.each([
    ['claude.command', 'claude:\n  tui: default\n  command: ./evil\n', 3],
    ['claude.args', 'claude: { args: [--dangerously-skip-permissions] }\n', 1],
    ['claude.permissionMode', 'claude:\n  permissionMode: bypassPermissions\n', 2],
    ['claude.allow', 'claude:\n  allow: [Bash]\n', 2],
    ['command.argv', 'agent: command\ncommand:\n  argv: [sh, -c, evil]\n', 3],
    ['keys', 'keys:\n  prefix: C-b\n', 1],
    ['notify', 'notify: bell\n', 1],
    ['title', 'workers: 2\ntitle: false\n', 2],
  ])('%s', (key, text, line) => {
    expect(Object.keys(OPERATOR_KEYS)).toContain(key);
    expect(() => repository(text)).toThrow(`config.yaml:${line}: a repository may not set ${key}: `);
    expect(() => operator(text)).not.toThrow();
  });

  test('merged in by an anchor, it is refused as well', () => {
    expect(() => repository('claude: &c { tui: default }\nretry: { <<: *c }\n')).toThrow(
      'config.yaml:2: there is no key retry.<<',
    );
    expect(() => repository('claude: !!map { "command": evil }\n')).toThrow('may not set claude.command');
  });
});

describe('merging', () => {
  test('nothing gives the defaults', () => {
    expect(mergeConfig({}, {})).toEqual(DEFAULT_CONFIG);
    expect(mergeConfig(repository(''), operator('# nothing\n'))).toEqual(DEFAULT_CONFIG);
  });

  test('the repository decides what the project is, the operator how they work', () => {
    const config = mergeConfig(
      repository(
        'baseBranch: develop\ntest: npm test\nworkers: 9\nagent: rehearsal\nretry: { maxAttempts: 5 }\napiRetry: { baseDelay: 1s, maxDelay: 2s }\nclaude: { model: opus }\n',
      ),
      operator(
        'baseBranch: main\nworkers: 2\nretry: { maxAttempts: 1, baseDelay: 1m }\napiRetry: { baseDelay: 5s }\nclaude: { model: sonnet, command: /opt/claude }\n',
      ),
    );
    expect(config).toMatchObject({
      baseBranch: 'develop',
      test: 'npm test',
      workers: 2,
      agent: 'rehearsal',
      retry: { maxAttempts: 5, baseDelay: 60_000, maxDelay: 600_000 },
      apiRetry: { baseDelay: 5_000, maxDelay: 2_000 },
      claude: { model: 'sonnet', command: '/opt/claude', tui: 'default' },
    });
  });

  test('a repository only tightens', () => {
    const loose = operator(
      'policy: { insideWorktree: allow, outsideWorktree: ask }\nclaude: { deny: [a], allow: [x] }\n',
    );
    const strict = repository('policy: { insideWorktree: ask, outsideWorktree: deny }\nclaude: { deny: [b, a] }\n');
    expect(mergeConfig(strict, loose)).toMatchObject({
      policy: { insideWorktree: 'ask', outsideWorktree: 'deny' },
      claude: { deny: ['a', 'b'], allow: ['x'] },
    });
    const strictOperator = operator('policy: { insideWorktree: ask, outsideWorktree: deny }\n');
    const looseRepository = repository('policy: { insideWorktree: allow, outsideWorktree: ask }\n');
    expect(mergeConfig(looseRepository, strictOperator).policy).toEqual({
      insideWorktree: 'ask',
      outsideWorktree: 'deny',
    });
  });
});

describe('the least and the most worktrees', () => {
  const paths = { config: 'config.yaml' };
  const parse = (repository: string, operator = '') =>
    parseConfig({ repository, operator }, paths, { XDG_CONFIG_HOME: '/home' });

  test.each([
    [
      'pool:\n  size: 2\n  min: 5\n',
      '',
      'config.yaml:3: pool.min is 5, and pool.size is 2: the least of all worktrees cannot be more than the most; write pool: { size: 5, min: 5 } or pool: { size: 2, min: 2 }',
    ],
    ['pool: { min: 9 }\n', '', 'config.yaml:1: pool.min is 9, and pool.size is 8, the default: '],
    [
      '# ours\npool: { min: 5 }\n',
      'pool: { size: 3 }\n',
      'config.yaml:2: pool.min is 5, and pool.size is 3, in /home/drover/config.yaml: ',
    ],
    [
      'pool: { size: 3 }\n',
      'pool: { min: 4 }\n',
      '/home/drover/config.yaml:1: pool.min is 4, and pool.size is 3, in config.yaml: ',
    ],
  ])('%j with %j is refused', (repository, operator, message) => {
    expect(() => parse(repository, operator)).toThrow(message);
  });

  test('the operator may say both for a repository that says too much', () => {
    const { size, min } = parse('pool: { min: 5 }\n', 'pool: { size: 3, min: 3 }\n').pool;
    expect({ size, min }).toEqual({ size: 3, min: 3 });
  });

  test('a small size alone lowers the least that nobody spoke of', () => {
    expect(parse('pool: { size: 1 }\n').pool).toMatchObject({ size: 1, min: 1 });
    expect(parse('pool: { size: 0 }\n').pool).toMatchObject({ size: 0, min: 0 });
  });
});

test.each([
  ['dependencies: none\n', { ...DEFAULT_CONFIG.dependencies, folders: [] }],
  ['dependencies: auto\n', DEFAULT_CONFIG.dependencies],
  ['dependencies: { folders: [., ./web/] }\n', { ...DEFAULT_CONFIG.dependencies, folders: ['', 'web'] }],
  ['dependencies: { share: copy, skip: [venv] }\n', { ...DEFAULT_CONFIG.dependencies, share: 'copy', skip: ['venv'] }],
])('%j', (text, settings) => {
  expect(mergeConfig(repository(text), {}).dependencies).toEqual(settings);
});

test.each([
  'copy: [../secrets]\n',
  'copy: [/etc/passwd]\n',
  'copy: [.git/config]\n',
  'copy: [.]\n',
  'setup: [{ run: make, outputs: [a/../../b] }]\n',
  'setup: [{ outputs: [a] }]\n',
  'dependencies: { folders: [../other] }\n',
  'dependencies: sometimes\n',
])('%j is refused: it leaves the repository, or says nothing', (text) => {
  expect(() => repository(text)).toThrow(/^config\.yaml:1: (copy|setup|dependencies)/);
});

describe('the template', () => {
  test('sets nothing', () => {
    expect(mergeConfig(repository(configTemplate()), {})).toEqual(DEFAULT_CONFIG);
  });

  test('with its comments opened is a file that a repository may have, and its defaults are the real ones', () => {
    const opened = configTemplate().replace(/^# ?((?:[a-z][A-Za-z]*:| {2,}[a-z][A-Za-z]*:).*)$/gm, '$1');
    const config = mergeConfig(repository(opened), {});
    expect(config).toEqual({
      ...DEFAULT_CONFIG,
      subtasks: { ...DEFAULT_CONFIG.subtasks, maxTokens: 20_000_000, maxCost: 5 },
      baseBranch: 'main',
      test: 'npm test',
      setup: [
        {
          run: 'make tools',
          keyFiles: ['tools.lock'],
          outputs: ['.tools'],
          check: '.tools/lint --version',
          timeout: 600_000,
        },
      ],
      copy: ['.env'],
      claude: { ...DEFAULT_CONFIG.claude, model: 'opus', deny: ['Read(./.env)'] },
    });
  });

  test('shows every key that a repository may set', () => {
    const hidden = knownKeys().filter(
      (key) => !new RegExp(`^# +${key.split('.').at(-1)}:`, 'm').test(configTemplate()),
    );
    expect(hidden.sort()).toEqual([...Object.keys(OPERATOR_KEYS), 'command', 'keys.bindings', 'keys.prefix'].sort());
  });
});

test('every key of the configuration can be written in a file', () => {
  const keysOf = (value: object, prefix = ''): string[] =>
    Object.entries(value).flatMap(([key, inner]) => {
      const isGroup =
        typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length > 0;
      return [prefix + key, ...(isGroup ? keysOf(inner, `${prefix}${key}.`) : [])];
    });
  expect(knownKeys().sort()).toEqual(keysOf(DEFAULT_CONFIG).sort());
});

describe('durations', () => {
  test.each([
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['2d', 172_800_000],
    ['1d2h', 93_600_000],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  test.each(['', '10', 's', '1.5h', '-1s', '1 h', '1h ', '1y', '9999999999s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});
