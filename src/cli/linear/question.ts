// Owns the finding of a question's numbered options in the text of a screen. Pure.

/** Frames, cursor marks and blanks that stand before and behind an option. */
const OPTION = /^[\s│┃|]*(?:[❯›>*●▶]\s*)?([1-9])[.)]\s+(\S.*?)[\s│┃|]*$/u;

/** The options of the last question on the screen: those numbered 1, 2, … that stand lowest. Lines between them belong to the option above. Empty when there are not at least two. */
export function optionsOn(lines: readonly string[]): string[] {
  let options: string[] = [];
  for (const line of lines) {
    const [, number, text = ''] = OPTION.exec(line) ?? [];
    if (number === undefined) continue;
    if (number === '1') options = [text];
    else if (Number(number) === options.length + 1) options.push(text);
  }
  return options.length < 2 ? [] : options;
}

/** The rows of a pane that say something: rows of blanks and frames are left out, and frames around text. */
export function spokenRows(lines: readonly string[]): string[] {
  return lines
    .map((line) => line.replace(/[\u2500-\u257f\u2580-\u259f]+/gu, ' ').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** The line of counts in words alone: `2 running, 1 queued`. */
export function spokenCounts(oneline: string): string {
  const parts = oneline.split('|').map((part) => part.replace(/[^\p{L}\p{N}\s]/gu, '').trim());
  return parts.filter((part) => part !== '').join(', ');
}
