// Tells what an agent inherits and what it does not.
import { describe, expect, it } from 'vitest';
import { childEnvironment } from '../../../src/agent/environment.ts';
import { makeSpec } from './fixture.ts';

describe('childEnvironment', () => {
  const parent = {
    PATH: '/usr/bin',
    HOME: '/home/ada',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    CLAUDE_CONFIG_DIR: '/home/ada/.c',
    HTTPS_PROXY: 'http://proxy',
    XDG_STATE_HOME: '/state',
    DROVER_SOCKET_DIR: '/tmp/sockets',
    NOTHING: undefined,
    CLAUDECODE: '1',
    CLAUDE_CODE_CHILD_SESSION: '1',
    CLAUDE_CODE_SESSION_ID: 'x',
    CLAUDE_CODE_ENTRYPOINT: 'cli',
    CLAUDE_CODE_DISABLE_TERMINAL_TITLE: '1',
    TMUX: '/tmp/tmux',
    TMUX_PANE: '%1',
    STY: '1',
    TERM: 'screen',
    TERM_PROGRAM: 'WezTerm',
    TERM_PROGRAM_VERSION: '1',
    KITTY_WINDOW_ID: '1',
    VTE_VERSION: '1',
    WT_SESSION: '1',
    ZED_TERM: '1',
    NO_COLOR: '1',
    COLUMNS: '80',
    LINES: '24',
    GIT_DIR: '/repo/.git',
    GIT_INDEX_FILE: '/repo/.git/index',
    GIT_AUTHOR_DATE: '1970',
    npm_lifecycle_event: 'demo',
    npm_package_name: 'drover',
    DROVER_TOKEN: 'of another run',
    DROVER_SESSION: 'of another session',
    DROVER_OPERATOR: 'ada',
    PWD: '/elsewhere',
    OLDPWD: '/x',
  };

  it('passes on what is the operator’s, takes out what describes another terminal or session, and adds the run', () => {
    expect(childEnvironment(makeSpec(), parent)).toEqual({
      PATH: '/usr/bin',
      HOME: '/home/ada',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      CLAUDE_CONFIG_DIR: '/home/ada/.c',
      HTTPS_PROXY: 'http://proxy',
      XDG_STATE_HOME: '/state',
      DROVER_SOCKET_DIR: '/tmp/sockets',
      PWD: '/data/worktrees/worktree-1',
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      CLAUDE_CODE_FORCE_SYNC_OUTPUT: '1',
      DROVER_TASK: 'task-abcde',
      DROVER_RUN: 'run-1',
      DROVER_SESSION: 'session-1',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org',
      GIT_TERMINAL_PROMPT: '0',
    });
  });

  it('never holds the token of the run', () => {
    expect(JSON.stringify(childEnvironment(makeSpec(), parent))).not.toContain('token-of-the-run');
  });
});
