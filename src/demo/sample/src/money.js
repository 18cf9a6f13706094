// Money is counted in whole cents, so that sums are exact.

/** The cents of a text such as "12.50" or "12". Throws when it is no amount. */
export function parseMoney(text) {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) throw new Error('"' + text + '" is no amount');
  const [, sign, whole, rest = ''] = match;
  const cents = Number(whole) * 100 + Number(rest.padEnd(2, '0'));
  return sign ? -cents : cents;
}

/** Cents as a text with two decimals. */
export function formatMoney(cents) {
  const sign = cents < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(cents) / 100);
  const rest = String(Math.abs(cents) % 100).padStart(2, '0');
  return sign + whole + '.' + rest;
}
