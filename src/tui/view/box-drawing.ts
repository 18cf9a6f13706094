// Owns the characters of lines: which one joins arms of which weight.

/** Weight of the arms of a cell: 0 none, 1 light, 2 heavy. */
export interface Arms {
  up: number;
  right: number;
  down: number;
  left: number;
}

/** Weights (up, right, down, left) and the character of Unicode's Box Drawing block that has them. */
const CHARACTERS = new Map(
  (
    '0000  0101─ 1010│ 0110┌ 0011┐ 1100└ 1001┘ 1110├ 1011┤ 0111┬ 1101┴ 1111┼ 0100╶ 0001╴ 1000╵ 0010╷ ' +
    '0202━ 2020┃ 0220┏ 0022┓ 2200┗ 2002┛ 2220┣ 2022┫ 0222┳ 2202┻ 2222╋ 0200╺ 0002╸ 2000╹ 0020╻ ' +
    '0210┍ 0120┎ 0012┑ 0021┒ 1200┕ 2100┖ 1002┙ 2001┚ 1210┝ 2110┞ 1120┟ 2120┠ 2210┡ 1220┢ 1012┥ 2011┦ 1021┧ 2021┨ 2012┩ 1022┪ ' +
    '0112┭ 0211┮ 0212┯ 0121┰ 0122┱ 0221┲ 1102┵ 1201┶ 1202┷ 2101┸ 2102┹ 2201┺ ' +
    '1112┽ 1211┾ 1212┿ 2111╀ 1121╁ 2121╂ 2112╃ 2211╄ 1122╅ 1221╆ 2212╇ 1222╈ 2122╉ 2221╊ 0201╼ 1020╽ 0102╾ 2010╿'
  )
    .match(/\d{4}./g)
    ?.map((entry) => [entry.slice(0, 4), entry.slice(4)]),
);

/** The character with these arms; a blank for none. */
export function lineCharacter({ up, right, down, left }: Arms): string {
  return CHARACTERS.get(`${up}${right}${down}${left}`) ?? ' ';
}
