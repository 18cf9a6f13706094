// Owns a stage for the built rehearsal agent: a real pty, the real hook server behind a door that can answer for it, an MCP stand-in, and a repository.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HookServer } from '../../../src/agent/hook-server.ts';
import { Pane } from '../../../src/terminal/pane.ts';
import { ParseScheduler } from '../../../src/terminal/parse-scheduler.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const STAND_IN = new URL('./mcp-stand-in.mjs', import.meta.url).pathname;
const TOKEN = 'token-of-the-stage';

export interface HookCall {
  readonly event: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers in place of the hook server; undefined lets the call through. */
export type Answer = (call: HookCall) => Record<string, unknown> | undefined;

export interface StartOptions {
  readonly steps?: readonly unknown[];
  readonly returned?: readonly unknown[];
  readonly prompt?: string;
  readonly isResume?: boolean;
  /** What complete_task answers, call by call. */
  readonly complete?: readonly string[];
  readonly speed?: number;
}

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'drover-rehearsal-'));
  readonly worktree = join(this.folder, 'worktree');
  readonly conversation = join(this.folder, 'conversations', 'session-1.jsonl');
  readonly calls: HookCall[] = [];
  readonly titles: string[] = [];
  readonly pane = new Pane({ pane: 1, cols: 100, rows: 40, scrollback: 1000, scheduler: new ParseScheduler() });
  answer: Answer = () => undefined;
  readonly #hooks = new HookServer({ mcpSettle: 0 });
  readonly #door: Server;
  #heard: () => void = () => {};
  #exited: Promise<{ exitCode: number | null }> = Promise.resolve({ exitCode: null });

  constructor() {
    mkdirSync(this.worktree);
    this.git('init', '-q', '-b', 'main');
    writeFileSync(join(this.worktree, 'a.txt'), 'one\n');
    this.git('add', '-A');
    this.git('commit', '-q', '-m', 'first');
    this.pane.onTitle((title) => this.titles.push(title));
    this.#door = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const body = JSON.parse(text) as Record<string, unknown>;
        const call = { event: String(body['hook_event_name']), body };
        this.calls.push(call);
        this.#heard();
        const own = this.answer(call);
        if (own !== undefined) return response.end(JSON.stringify(own));
        const headers = { 'x-drover-token': String(incoming.headers['x-drover-token']) };
        const onward = request(this.#hooks.url, { method: 'POST', headers, agent: false }, (answer) => {
          response.statusCode = answer.statusCode ?? 500;
          answer.pipe(response);
        });
        onward.on('error', () => response.destroy());
        return onward.end(text);
      });
    });
  }

  git(...args: string[]): string {
    return execFileSync('git', ['-C', this.worktree, '-c', 'core.hooksPath=/dev/null', ...args], {
      env: this.#env(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async open(): Promise<void> {
    await this.#hooks.listen();
    this.#hooks.register({
      token: TOKEN,
      runId: 'run-1',
      observer: { onState: () => {}, onTurnEnded: () => null, onApiError: () => {} },
      policy: {
        worktree: this.worktree,
        extraWritable: [],
        policy: { insideWorktree: 'allow', outsideWorktree: 'ask' },
      },
      isMcpReady: () => Promise.resolve(),
    });
    await new Promise<void>((resolve) => this.#door.listen(0, '127.0.0.1', resolve));
  }

  /** Starts the agent in the pane. */
  start({ steps, returned, prompt, isResume = false, complete = ['done'], speed = 1000 }: StartOptions): void {
    const address = this.#door.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const settings = join(this.folder, 'settings.json');
    const mcp = join(this.folder, 'mcp.json');
    const answers = join(this.folder, 'answers.json');
    const hook = {
      type: 'http',
      url: `http://127.0.0.1:${port}/hook`,
      timeout: 60,
      headers: { 'x-drover-token': TOKEN },
    };
    const gated = [{ matcher: 'Bash|Edit|Write', hooks: [hook] }];
    const all = [{ hooks: [hook] }];
    const events =
      'UserPromptSubmit PermissionRequest PostToolUse PostToolUseFailure PostToolBatch Stop StopFailure SessionEnd';
    const hooks = { PreToolUse: gated, ...Object.fromEntries(events.split(' ').map((event) => [event, all])) };
    writeFileSync(settings, JSON.stringify({ hooks, permissions: { allow: ['mcp__drover'] } }));
    const env = { STAND_IN_ANSWERS: answers, STAND_IN_CALLS: this.#callsFile };
    const drover = { type: 'stdio', command: process.execPath, args: [STAND_IN], env };
    writeFileSync(mcp, JSON.stringify({ mcpServers: { drover } }));
    // JSON is YAML.
    const script = JSON.stringify({ steps, returned });
    const description = steps === undefined ? '' : `\`\`\`rehearsal\n${script}\n\`\`\``;
    const task = { id: 'task-abcde', title: 'Stage', attempt: 1, description };
    writeFileSync(answers, JSON.stringify({ get_task: [JSON.stringify(task)], complete_task: complete }));
    const flags = [
      '-n',
      'task-abcde: Stage',
      isResume ? '--resume' : '--session-id',
      'session-1',
      '--settings',
      settings,
    ];
    const words = [
      '--mcp-config',
      mcp,
      '--permission-mode',
      'default',
      ...(prompt === '' ? [] : ['--', prompt ?? 'Do it']),
    ];
    const argv = [process.execPath, join(ROOT, 'dist/main.cjs'), '__rehearsal', ...flags, ...words] as [
      string,
      ...string[],
    ];
    const program = this.pane.run({
      argv,
      cwd: this.worktree,
      env: { ...this.#env(), DROVER_REHEARSAL_SPEED: String(speed) },
    });
    this.#exited = program.exited;
  }

  get exited(): Promise<{ exitCode: number | null }> {
    return this.#exited;
  }

  /** Calls of MCP tools, in order. */
  get toolCalls(): { name: string; input: Record<string, unknown> }[] {
    if (!existsSync(this.#callsFile)) return [];
    return readFileSync(this.#callsFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  /** Events in order, without the noise of each batch. */
  get events(): string[] {
    return this.calls.map(({ event }) => event);
  }

  read(file: string): string {
    return readFileSync(join(this.worktree, file), 'utf8');
  }

  get text(): string {
    return this.pane.text().join('\n');
  }

  /** Resolves when the screen has a text. */
  shows(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.text.includes(text)) return;
        stop();
        resolve();
      };
      const stop = this.pane.onScreen(look);
      look();
    });
  }

  /** Resolves when a hook has been called `count` times. */
  async hears(event: string, count = 1): Promise<void> {
    while (this.events.filter((name) => name === event).length < count) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  /** Ends the agent by its keys; gives the exit code. */
  async leave(): Promise<number | null> {
    this.pane.input('\x04');
    await this.shows('again to exit');
    this.pane.input('\x04');
    return (await this.#exited).exitCode;
  }

  async close(): Promise<void> {
    this.pane.kill('SIGKILL');
    await this.#exited;
    await this.pane.dispose();
    this.#door.closeAllConnections();
    await new Promise((resolve) => this.#door.close(resolve));
    await this.#hooks.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  get #callsFile(): string {
    return join(this.folder, 'calls.jsonl');
  }

  #env(): Record<string, string> {
    const name = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' };
    return {
      ...name,
      PATH: process.env['PATH'] ?? '',
      HOME: this.folder,
      TERM: 'xterm-256color',
      GIT_CONFIG_NOSYSTEM: '1',
      DROVER_REHEARSAL_HOME: join(this.folder, 'conversations'),
    };
  }
}
