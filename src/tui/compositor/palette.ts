// Owns the fall-back of colours: true colour to the 256, 256 to the 16, any to none.
import { COLOR_MODE_MASK, COLOR_P16, COLOR_P256, COLOR_RGB } from '../../protocol/cells.ts';
import type { Capabilities } from '../outer/capabilities.ts';

/** xterm's default 16 colours; a user's own palette differs, but nearer than this nobody knows. */
const BASIC = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00,
  0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
];
/** Black, dark grey, light grey, white. */
const GREYS = [0, 8, 7, 15];
/** A colour whose channels differ by less than this share of the strongest is a grey. */
const GREYISH = 0.2;
/** The strongest channel below which a colour is black: tinted backgrounds. Above BRIGHT it is one of colours 8 to 15; halfway between the two rows. */
const DARKEST = 80;
const BRIGHT = 230;
/** The levels of the 6x6x6 cube (colours 16 to 231); the greys from 232 are 8, 18, ... 238. */
const CUBE = [0, 95, 135, 175, 215, 255];
/** Colours seen are kept; a video in a pane must not grow it for ever. */
const MAX_CACHED = 65_536;

/** Returns the colour bits (0-25) of a cell word as a terminal of this depth can show them. Attribute bits are cut. */
export function colorReducer(depth: Capabilities['color']): (word: number) => number {
  if (depth === 'none') return () => 0;
  if (depth === 'rgb') return (word) => word & 0x3ffffff;
  const cache = new Map<number, number>();
  return (word) => {
    const color = word & 0x3ffffff;
    const mode = color & COLOR_MODE_MASK;
    if (mode === 0 || mode === COLOR_P16 || (mode === COLOR_P256 && depth === '256')) return color;
    const known = cache.get(color);
    if (known !== undefined) return known;
    if (cache.size >= MAX_CACHED) cache.clear();
    const rgb = mode === COLOR_RGB ? color & 0xffffff : paletteRgb(color & 0xff);
    const reduced = depth === '256' ? COLOR_P256 | nearest256(rgb) : COLOR_P16 | nearest16(rgb);
    cache.set(color, reduced);
    return reduced;
  };
}

/** 0xrrggbb of one of the 256 colours. */
function paletteRgb(index: number): number {
  if (index < 16) return BASIC[index] ?? 0;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x010101;
  const cube = index - 16;
  const level = (step: number) => CUBE[Math.floor(cube / step) % 6] ?? 0;
  return (level(36) << 16) | (level(6) << 8) | level(1);
}

/** The nearest of colours 16 to 255: the first 16 are the user's own and may be anything. */
function nearest256(rgb: number): number {
  const r = nearestLevel((rgb >> 16) & 255);
  const g = nearestLevel((rgb >> 8) & 255);
  const b = nearestLevel(rgb & 255);
  const cube = 16 + r * 36 + g * 6 + b;
  const mean = (((rgb >> 16) & 255) + ((rgb >> 8) & 255) + (rgb & 255)) / 3;
  const grey = 232 + Math.max(0, Math.min(23, Math.round((mean - 8) / 10)));
  return distance(rgb, paletteRgb(grey)) < distance(rgb, paletteRgb(cube)) ? grey : cube;
}

/**
 * Of colours 0 to 15 the one of the same hue: by distance alone the lighter greens and blues would become grey or yellow, and what colours tell
 * apart would look the same.
 */
function nearest16(rgb: number): number {
  const channels = [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255];
  const most = Math.max(...channels);
  const least = Math.min(...channels);
  if (most - least < most * GREYISH) return nearestOf(GREYS, rgb);
  if (most < DARKEST) return 0;
  // Red, green and blue are the bits of a colour's number.
  const hue = channels.reduce((bits, value, bit) => bits | (Number(value > (most + least) / 2) << bit), 0);
  return hue | (most < BRIGHT ? 0 : 8);
}

function nearestOf(indices: readonly number[], rgb: number): number {
  const far = (index: number): number => distance(rgb, BASIC[index] ?? 0);
  return indices.reduce((best, index) => (far(index) < far(best) ? index : best));
}

function nearestLevel(value: number): number {
  // Halfway between the levels: 0|95, then steps of 40.
  return value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40);
}

function distance(a: number, b: number): number {
  const r = ((a >> 16) & 255) - ((b >> 16) & 255);
  const g = ((a >> 8) & 255) - ((b >> 8) & 255);
  const blue = (a & 255) - (b & 255);
  // The eye's weights of the three, rounded.
  return 3 * r * r + 6 * g * g + blue * blue;
}
