// Tells what is taken for reading: what may run beside a worktree that is about to be moved.
import { describe, expect, it } from 'vitest';
import { toolKind } from '../../../src/agent/tool-kinds.ts';

const bash = (command: string, more: object = {}) => toolKind('Bash', { command, ...more });

describe('tools', () => {
  it.each([
    ['Read', 'reads'],
    ['Grep', 'reads'],
    ['Glob', 'reads'],
    ['TodoWrite', 'aside'],
    ['WebFetch', 'aside'],
    ['Task', 'aside'],
    ['mcp__drover__get_task', 'aside'],
    ['mcp__drover__complete_task', 'writes'],
    ['mcp__drover__complete_task_not', 'aside'],
    ['mcp__files__write', 'writes'],
    ['Write', 'writes'],
    ['Edit', 'writes'],
    ['MultiEdit', 'writes'],
    ['NotebookEdit', 'writes'],
    ['EnterWorktree', 'writes'],
    ['SomethingNew', 'writes'],
    ['', 'writes'],
  ])('%s %s', (tool, kind) => {
    expect(toolKind(tool, {})).toBe(kind);
  });
});

describe('a shell command', () => {
  it.each([
    'ls -la src',
    'cat a.ts b.ts | head -20',
    'cd src && grep -rn "foo > bar" . 2>/dev/null | sort | wc -l',
    'git status --short && git log --oneline -5',
    'git --no-pager diff HEAD~1 -- src',
    'git branch --show-current',
    'find . -name "*.ts" -not -path "./node_modules/*" 2>&1',
    'rg -n "a|b" --type ts; echo "done"',
    'pwd',
  ])('reads: %s', (command) => {
    expect(bash(command)).toBe('reads');
  });

  it.each([
    '',
    'rm -rf a',
    'cat a > b',
    'cat a >> b',
    'echo "$(touch a)"',
    'echo `touch a`',
    'ls & touch a',
    'echo "a & b"',
    'sleep 100 & ls',
    'sed -n 1p a',
    'awk 1 a',
    'find . -delete',
    'find . -exec rm {} +',
    'sort -o a b',
    'sort -uo a b',
    'tail -f log',
    'tail -20f log',
    'tree -o out',
    'rg --pre ./run x',
    'git commit -m x',
    'git -c core.pager=x log',
    'git log --output=a',
    'git diff --ext-diff',
    'git grep -O x',
    'git branch new',
    'git stash',
    'FOO=bar ls',
    'env ls',
    'xargs rm < list',
    'ls | xargs rm',
    'cat <<EOF > a\ntext\nEOF',
    'bash -c "ls"',
    'npm test',
    '/tmp/ls',
    'ls "open',
    'diff <(touch a) b',
    `ls ${'x'.repeat(5_000)}`,
  ])('may write: %s', (command) => {
    expect(bash(command)).toBe('writes');
  });

  it('that goes on in the background may write, and one that is no text too', () => {
    expect(bash('cat a', { run_in_background: true })).toBe('writes');
    expect(toolKind('Bash', { command: 7 })).toBe('writes');
  });
});
