// Owns pieces of the screen: a text with its style and prefix, and the lines that it gives in some width. Pure.
import { sanitiseLines } from '../domain/text.ts';
import { padText, textWidth, truncateText, wrap } from '../domain/text-width.ts';

/** A text in one style. What comes from outside is made harmless when it is rendered. */
export interface Block {
  readonly text: string;
  /** Parameters of SGR, or empty. */
  readonly style: string;
  /** Stands before the first line; the others are indented by its width. */
  readonly prefix?: string;
  readonly prefixStyle?: string;
  /** Lines that are too long are cut, not wrapped: code and output. */
  readonly isCode?: boolean;
  /** The style's background reaches to the right edge. */
  readonly isFilled?: boolean;
  /** A horizontal rule; the text is not shown. */
  readonly rule?: boolean;
}

const rgb = (red: number, green: number, blue: number): string => `38;2;${red};${green};${blue}`;

export const ACCENT = rgb(122, 162, 247);
export const SUGGESTION = rgb(125, 207, 255);
export const BORDER = rgb(86, 95, 137);
export const FAINT = rgb(136, 143, 170);
export const GOOD = rgb(158, 206, 106);
export const BAD = rgb(247, 118, 142);
export const WARM = rgb(224, 175, 104);
/** A person's words. */
export const SPOKEN = `48;2;41;46;66;${rgb(192, 202, 245)}`;
export const ADDED = `48;2;32;60;42;${rgb(195, 232, 141)}`;
export const REMOVED = `48;2;72;34;44;${rgb(255, 180, 190)}`;
const STRONG = '1';

/** A text in a style. */
export function line(text: string, style = ''): Block {
  return { text, style };
}

/** An empty line. */
export const blank: Block = { text: '', style: '' };
/** A text that stands back. */
export const dim = (text: string): Block => line(text, FAINT);
/** A text that stands out. */
export const bold = (text: string): Block => line(text, STRONG);

/** A text between the codes of its style. */
function paint(text: string, style: string): string {
  return style === '' || text === '' ? text : `\x1b[${style}m${text}\x1b[0m`;
}

/** The lines of a block, each at most `width` columns wide and safe to write. */
export function renderBlock(block: Block, width: number): string[] {
  if (block.rule) return [paint('─'.repeat(width), block.style)];
  const prefix = block.prefix ?? '';
  const indent = Math.min(textWidth(prefix), Math.max(0, width - 1));
  const room = Math.max(1, width - indent);
  const text = sanitiseLines(block.text);
  const lines = block.isCode ? text.split('\n').map((row) => truncateText(row, room)) : wrap(text, room);
  return lines.map((row, index) => {
    const before = index === 0 ? truncateText(prefix, indent) : ' '.repeat(indent);
    const body = block.isFilled ? padText(row, room) : row;
    return paint(before, index === 0 ? (block.prefixStyle ?? '') : '') + paint(body, block.style);
  });
}
