// Owns the test of the linear stream on the real server: what it says, what it takes, and how it ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainPaint } from '../../../src/cli/render.ts';
import type { VerbScope } from '../../../src/cli/shell.ts';
import { runLinear } from '../../../src/cli/verbs/linear.ts';
import type { Client } from '../../../src/client/client.ts';
import { addTask, Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = new Scene();
  await scene.start();
});
afterAll(async () => {
  await scene.close();
  expect(scene.fatal).toEqual([]);
});

/** A person at a stream: lines go in, what was said comes out. */
class Listener {
  readonly ended: Promise<number>;
  /** Its connections, the newest last. */
  readonly clients: Client[] = [];
  text = '';
  readonly #lines: string[] = [];
  #isOver = false;
  #wake: () => void = () => {};
  readonly #looks = new Set<() => void>();

  constructor(operator: string, isReadOnly = false) {
    const missing = () => expect.unreachable('the stream does not use it');
    const scope: VerbScope = {
      shell: {
        env: {},
        folder: scene.repository,
        program: 'drover',
        width: 80,
        paint: plainPaint,
        paintError: plainPaint,
        isInteractive: false,
        write: (text) => this.#hear(text),
        writeError: missing,
        readText: missing,
        readLines: () => this.#read(),
        onInterrupt: missing,
        roles: {
          prepareWorkspace: missing,
          looks: missing,
          settingsMistakes: missing,
          createDemoRepository: missing,
          runMcpServer: missing,
        },
      },
      session: {
        paths: missing,
        operator: missing,
        config: missing,
        connect: async (_kind, options) => {
          const client = await scene.connect({ operator, kind: 'linear', isReadOnly: options?.isReadOnly === true });
          this.clients.push(client);
          return client;
        },
      },
      isJson: false,
      isBar: false,
      commandRunner: () => ({ complete: missing, run: async (line) => ({ ok: true, text: `ran ${line}` }) }),
    };
    this.ended = runLinear(scope, isReadOnly);
  }

  type(line: string): void {
    this.#lines.push(line);
    this.#wake();
  }

  close(): void {
    this.#isOver = true;
    this.#wake();
  }

  hears(words: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!words.test(this.text)) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }

  #hear(text: string): void {
    this.text += text;
    for (const look of [...this.#looks]) look();
  }

  async *#read(): AsyncIterable<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) yield line;
      else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

test('states are told in plain lines, words go to the agent, and quit ends it', async () => {
  const client = await scene.connect();
  const ann = new Listener('ann');
  await ann.hears(/Type help/);
  const task = await addTask(client, 'echo "What is your name?"; read name; echo "Hello $name"; read last');
  await client.call('session.start', {});
  await ann.hears(new RegExp(`New: ${task.id}, .*\n[^]*${task.id}, .*: in progress, was claimed, by worker 1\\.`));
  ann.type(`say ${task.id} World`);
  await ann.hears(new RegExp(`Said to ${task.id}\\.`));
  for (let n = 0; !/^Hello World$/m.test(ann.text) && n < 1000; n++) {
    ann.type('read 1');
    await ann.hears(new RegExp(`(What is your name[^]*){${n + 1}}`));
  }
  expect(ann.text).toMatch(/^Hello World$/m);
  ann.type(`answer ${task.id} 1`);
  await ann.hears(/asks nothing: its agent is working/);
  ann.type('status');
  await ann.hears(/^ran status$/m);
  ann.type(`say ${task.id} enough`);
  await ann.hears(new RegExp(`${task.id}, .*: completed`));
  await ann.hears(new RegExp(`${task.id}, .*: the agent has ended, exit code 0`));
  ann.type(`say ${task.id} more`);
  await ann.hears(new RegExp(`no agent works on ${task.id}\\. Next: why ${task.id}`));
  expect(ann.text).toMatch(/^ann types into pane 1\.$/m);
  ann.type('quit');
  expect(await ann.ended).toBe(0);
  // Nothing moves a cursor or colours a word.
  expect(ann.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('who looks on is refused words; the end of input ends it, and so does being sent away', async () => {
  const client = await scene.connect();
  const { pane } = (await client.call('pane.open', { argv: ['cat'] })).pane;
  const bob = new Listener('bob', true);
  const carl = new Listener('carl');
  await bob.hears(/carl is here\.|\d people are attached\./);
  bob.type(`read ${pane}`);
  await bob.hears(new RegExp(`Pane ${pane} is blank`));
  bob.close();
  expect(await bob.ended).toBe(0);
  await carl.hears(/bob has gone/);
  await client.call('client.detach', {});
  expect(await carl.ended).toBe(0);
  expect(carl.text).toContain('The stream ends: detached by ann@example.invalid.');
  await client.call('pane.close', { pane });
});

test('a connection that breaks is made again, and what was typed meanwhile is obeyed', async () => {
  const eve = new Listener('eve');
  await eve.hears(/Type help/);
  eve.clients[0]?.close();
  await eve.hears(/The connection is lost: .*\. Connecting again\./);
  eve.type('status');
  await eve.hears(/again\.\nAttached: .*\nType help .*\nran status\n/);
  expect(eve.clients).toHaveLength(2);
  eve.type('quit');
  expect(await eve.ended).toBe(0);
  expect(eve.text).not.toContain('The stream ends');
});

test('the end of the server is told, with its exit code', async () => {
  const dora = new Listener('dora');
  await dora.hears(/Type help/);
  await scene.stop('it is enough');
  expect(await dora.ended).toBe(3);
  expect(dora.text).toContain('The stream ends: it is enough.');
});
