// Owns how a time is written in the configuration: `30s`, `10m`, `1h30m`.

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The duration in ms; null when the text is none. A bare number is none: nobody could tell its unit. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,9}(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount = '0', unit = ''] of text.matchAll(/(\d+)(ms|s|m|h|d)/g))
    total += Number(amount) * (UNITS[unit] ?? 0);
  return total;
}

/** The shortest text that parseDuration reads back as the same number of ms. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNITS[unit] ?? 1;
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return text || '0s';
}
