import { describe, expect, test } from 'vitest';
import { parseOperator } from '../../../src/config/operator.ts';

describe('an operator', () => {
  test.each([
    [
      'Alice Doe <alice@example.org>',
      {
        name: 'Alice Doe',
        email: 'alice@example.org',
        label: 'Alice Doe <alice@example.org>',
      },
    ],
    ['<alice@example.org>', { name: 'alice@example.org', email: 'alice@example.org', label: 'alice@example.org' }],
    ['alice@example.org', { name: 'alice', email: 'alice@example.org', label: 'alice@example.org' }],
    ['alice', { name: 'alice', email: '', label: 'alice' }],
    ['  Bob \n', { name: 'Bob', email: '', label: 'Bob' }],
  ])('%j', (text, expected) => {
    expect(parseOperator(text, '--as')).toEqual(expected);
  });

  test.each([
    '',
    '   ',
    '\u0007',
    'A\u001b[31mB',
    '<>',
    'a <b',
    'drover',
    'Drover',
    'agent:task-x7k2m',
    'x <agent:task-x>',
    'x'.repeat(201),
  ])('%j is refused', (text) => {
    expect(() => parseOperator(text, '--as')).toThrow(/^--as/);
  });
});
