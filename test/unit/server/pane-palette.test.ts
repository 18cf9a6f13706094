// Owns the proofs of whose colours programs are told.
import { expect, it } from 'vitest';
import { PanePalette } from '../../../src/server/pane-palette.ts';
import { DARK_COLORS, isDark, type PaneColors } from '../../../src/terminal/colors.ts';

it('the first client that offers colours sets them, as long as it is there; then the next one', () => {
  const told: PaneColors[] = [];
  const palette = new PanePalette(DARK_COLORS, (colors) => told.push(colors));
  const [ann, ben] = [{}, {}];
  const light = { foreground: '#101010', background: '#fafafa' };
  const dark = { foreground: '#FFFFFF', background: '#001122', cursor: '#00ff00' };
  expect(palette.offer(ann, light)).toBe(true);
  expect(palette.offer(ben, dark)).toBe(false);
  palette.leave(ben);
  expect(palette.offer(ben, dark)).toBe(false);
  expect(palette.colors).toEqual({ ...DARK_COLORS, foreground: 0x101010, background: 0xfafafa, cursor: 0x101010 });
  palette.leave(ann);
  expect(told.map(isDark)).toEqual([false, true]);
  expect(palette.colors).toMatchObject({ foreground: 0xffffff, background: 0x1122, cursor: 0xff00 });
  palette.leave(ben);
  expect(palette.colors.background).toBe(0x1122);
  expect(palette.offer(ann, light)).toBe(true);
  expect(palette.offer(ann, { ...light, background: '#eeeeee' })).toBe(true);
  expect(told).toHaveLength(4);
});
