// The terminal is given back: to the shell that suspended us and back again, after a crash, and when the server is gone.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { type FakeServer, listenAs } from '../integration/cli/scene.ts';
import { type Stage, setStage } from './stage.ts';
import type { PersonTerminal } from './terminal.ts';

const SMALL = { cols: 80, rows: 24 };
const PREFIX = '\x07';
const PLAIN = { mouse: 'none', paste: false, focus: false, cursorHidden: false };

let stage: Stage;
let fake: FakeServer | null = null;
afterEach(async () => {
  await fake?.close();
  fake = null;
  await stage.strike();
});

/** A person's shell with job control. */
function openShell(): PersonTerminal {
  return stage.openProgram(['bash', '--norc', '--noprofile', '--noediting', '-i'], SMALL, { PS1: 'ready> ' });
}

test('suspended by a key, the shell has its terminal; continued, the workspace is painted again', async () => {
  stage = await setStage();
  const terminal = openShell();
  await terminal.see('ready>');
  terminal.type(`${stage.command} run --workers 1 --agent rehearsal\r`);
  await terminal.see('session on');
  for (let round = 0; round < 2; round++) {
    terminal.type(`${PREFIX}\x1a`);
    await terminal.see((screen) => !terminal.isAlternate && screen.includes('Stopped'), 'the shell');
    expect(terminal.modes).toEqual(PLAIN);
    terminal.type(`echo $((40${round} + 2))\r`);
    await terminal.see(`40${round + 2}`);
    terminal.type('fg\r');
    await terminal.see((screen) => terminal.isAlternate && screen.includes('session on'), 'the workspace again');
  }
  terminal.type(`${PREFIX}d`);
  await terminal.see(
    (screen) => !terminal.isAlternate && screen.includes('detached from'),
    'the shell after detaching',
  );
  expect(terminal.modes).toEqual(PLAIN);
  terminal.type('exit\r');
  await terminal.exited;
});

test('where no shell waits, suspending says so and changes nothing', async () => {
  stage = await setStage();
  const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], SMALL);
  await terminal.see('session on');
  terminal.type(`${PREFIX}\x1a`);
  await terminal.see('there is no shell to go back to');
  expect(terminal.isAlternate).toBe(true);
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
});

test('a crash of the client gives the terminal back before it is told', async () => {
  stage = await setStage();
  const { server } = await stage.json<{ server: { socket: string } }>(['status']);
  await stage.drover(['server', 'stop']);
  fake = await listenAs(server.socket, {
    // No server says that: the client breaks over it.
    'server.status': { repository: 5 },
    'pane.view': { panes: [] },
    'events.subscribe': { seq: 0, state: null, isRunning: false },
  });
  const line = `${stage.command} attach; stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|icrnl|isig)'`;
  const terminal = stage.openProgram(['sh', '-c', line], SMALL);
  await terminal.exited;
  expect(terminal.raw).toContain('\x1b[?1049h');
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.modes).toEqual(PLAIN);
  expect(terminal.text()).toContain('the workspace broke');
  for (const flag of ['isig', 'icanon', 'echo', 'icrnl']) expect(terminal.lines()).toContain(flag);
});

test('a terminal that hangs up ends the client with the status that a shell expects, and with no core dump', async () => {
  stage = await setStage();
  // The pipe outlives the terminal and tells of the shell's end.
  const status = `${stage.folder}/status`;
  execFileSync('mkfifo', [status]);
  const told = readFile(status, 'utf8');
  const line = `trap : HUP; ${stage.command} attach; echo $? > '${status}'`;
  const terminal = stage.openProgram(['sh', '-c', line], SMALL);
  await terminal.see('C-g ?');
  terminal.hangUp();
  expect(await told).toBe('129\n');
});

test('the server is stopped: it is said, and leaving gives the terminal back', async () => {
  stage = await setStage();
  const terminal = stage.open(['run', '--workers', '1', '--agent', 'rehearsal'], SMALL);
  await terminal.see('session on');
  await stage.drover(['server', 'stop']);
  await terminal.see('the server has closed');
  terminal.type(`${PREFIX}d`);
  await terminal.exited;
  expect(terminal.isAlternate).toBe(false);
  expect(terminal.modes).toEqual(PLAIN);
});

test('a resize repaints without clearing the screen first', async () => {
  stage = await setStage();
  const terminal = stage.open(['run', '--workers', '2', '--agent', 'rehearsal'], SMALL);
  await terminal.see('session on');
  const before = terminal.raw.length;
  terminal.resize(110, 35);
  await terminal.see(() => terminal.lines()[34]?.includes('session on') ?? false, 'the status line at its new place');
  terminal.resize(70, 20);
  await terminal.see(() => terminal.lines()[19]?.includes('session on') ?? false, 'the status line at its new place');
  const after = terminal.raw.slice(before);
  expect(after).not.toMatch(/\x1b\[[23]?J|\x1b\[\?1049|\x1bc/);
  terminal.type(`${PREFIX}d`);
  expect(await terminal.exited).toBe(0);
  // The title was kept at the start and taken back at the end.
  expect(terminal.raw.indexOf('\x1b[22;0t')).toBeGreaterThanOrEqual(0);
  expect(terminal.raw).toContain('\x1b]2;drover repository: 0 running\x1b\\');
  expect(terminal.raw.lastIndexOf('\x1b[23;0t')).toBeGreaterThan(terminal.raw.lastIndexOf('\x1b]2;drover'));
});
