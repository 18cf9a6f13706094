// Owns the proofs of which colours the server is told, and how often.
import { expect, it } from 'vitest';
import { ColorTeller } from '../../../../src/tui/outer/color-teller.ts';

const THEME = { foreground: '#101010', background: '#fafafa' };

function server(): { told: unknown[]; call: never } {
  const told: unknown[] = [];
  const call = (_method: string, colors: unknown) => {
    told.push(colors);
    return Promise.resolve({ isTaken: true });
  };
  return { told, call: call as never };
}

const answer = (target: string, value: string) => ({ type: 'reply', kind: 'color', target, value }) as const;

it('tells the theme where the terminal is silent, once for each server and theme', () => {
  const [first, second, teller] = [server(), server(), new ColorTeller()];
  teller.tell(first, THEME);
  expect(first.told).toEqual([]);
  teller.settle();
  teller.tell(null, THEME);
  teller.tell(first, null);
  for (const client of [first, first, second, second]) teller.tell(client, THEME);
  teller.tell(second, { ...THEME, background: '#000000' });
  expect(first.told).toEqual([THEME]);
  expect(second.told).toEqual([THEME, { ...THEME, background: '#000000' }]);
});

it("tells the terminal's own colours, whatever the theme says, in as many digits as they came", () => {
  const [client, teller] = [server(), new ColorTeller()];
  teller.settle();
  teller.hear(answer('11', 'rgb:ffff/8080/0000'));
  teller.tell(client, THEME);
  expect(client.told).toEqual([THEME]);
  teller.hear(answer('10', 'rgb:f/8/0'));
  teller.hear(answer('4;3', 'rgb:1/2/3'));
  teller.tell(client, THEME);
  expect(client.told[1]).toEqual({ foreground: '#ff8800', background: '#ff8000' });
  for (let index = 0; index < 16; index += 1) teller.hear(answer(`4;${index}`, 'rgba:0a0a/0b0b/0c0c/ffff'));
  teller.hear(answer('12', 'rgb:00/ff/00'));
  teller.tell(client, { ...THEME, background: '#000000' });
  expect(client.told[2]).toEqual({
    foreground: '#ff8800',
    background: '#ff8000',
    cursor: '#00ff00',
    ansi: Array.from({ length: 16 }, () => '#0a0b0c'),
  });
  teller.hear(answer('10', 'nonsense'));
  teller.tell(client, THEME);
  expect(client.told[3]).toEqual(THEME);
});

it('has the terminal asked again when it has turned dark or light', () => {
  const teller = new ColorTeller();
  expect(teller.hear({ type: 'reply', kind: 'color-scheme', isDark: false })).toBe(true);
  expect(teller.hear(answer('10', 'rgb:0/0/0'))).toBe(false);
});
