// ledger total: the sum of all entries
import { loadLedger } from '../file.js';
import { totalOf } from '../ledger.js';
import { formatMoney } from '../money.js';

export function run(_args, { file, write }) {
  write(formatMoney(totalOf(loadLedger(file))));
}
