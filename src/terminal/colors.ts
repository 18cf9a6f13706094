// Owns the colours that programs are told when they ask for them: those of the theme in which they are shown.

/** Colours as 0xRRGGBB. */
export interface PaneColors {
  readonly foreground: number;
  readonly background: number;
  readonly cursor: number;
  /** The first 16 colours of the palette. */
  readonly ansi: readonly number[];
}

/** Before anybody has said otherwise: xterm's colours on black. */
export const DARK_COLORS: PaneColors = {
  foreground: 0xe5e5e5,
  background: 0x000000,
  cursor: 0xe5e5e5,
  ansi: [
    0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00,
    0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
  ],
};

/** Whether the background is nearer to black than to white, to the eye (the weights of Rec. 601). */
export function isDark({ background }: PaneColors): boolean {
  return 299 * (background >> 16) + 587 * ((background >> 8) & 0xff) + 114 * (background & 0xff) < 127_500;
}

/** Colour `index` (0 to 255) of the palette: the theme's 16, then xterm's cube and greys. */
export function paletteColor(index: number, { ansi }: PaneColors): number {
  if (index < 16) return ansi[index] ?? DARK_COLORS.ansi[index] ?? 0;
  if (index >= 232) return 0x010101 * (8 + (index - 232) * 10);
  const step = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return (step(Math.floor(cube / 36)) << 16) | (step(Math.floor(cube / 6) % 6) << 8) | step(cube % 6);
}
