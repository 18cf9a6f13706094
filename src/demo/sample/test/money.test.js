import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMoney, parseMoney } from '../src/money.js';

test('an amount is read into cents', () => {
  assert.equal(parseMoney('12.50'), 1250);
  assert.equal(parseMoney('7'), 700);
  assert.equal(parseMoney('0.5'), 50);
  assert.equal(parseMoney('-3.20'), -320);
});

test('what is no amount is refused', () => {
  assert.throws(() => parseMoney('twelve'), /no amount/);
  assert.throws(() => parseMoney('1.234'), /no amount/);
});

test('cents are written with two decimals', () => {
  assert.equal(formatMoney(1250), '12.50');
  assert.equal(formatMoney(5), '0.05');
  assert.equal(formatMoney(-320), '-3.20');
});
