import { expect, test } from 'vitest';
import { ApiErrors } from '../../../src/server/api-errors.ts';

const overloaded = { error: 'server_error', message: 'API Error: 529 overloaded' };
const refused = { error: 'unknown', message: 'API Error: 400 the prompt is too long' };

test('the pause doubles up to its limit, for ever, and begins anew after a good turn', () => {
  const errors = new ApiErrors({ baseDelay: 10, maxDelay: 50 });
  expect([1, 2, 3, 4, 5].map(() => errors.pauseAfter(overloaded))).toEqual([10, 20, 40, 50, 50]);
  errors.clear();
  expect(errors.pauseAfter(overloaded)).toBe(10);
});

test.each(['authentication_failed', 'billing_error', 'model_not_found'])('%s waits for a person at once', (error) => {
  expect(new ApiErrors({ baseDelay: 10, maxDelay: 50 }).pauseAfter({ error, message: '' })).toBeNull();
});

test('a request that is refused as wrong a third time waits for a person', () => {
  const errors = new ApiErrors({ baseDelay: 10, maxDelay: 50 });
  expect([refused, overloaded, refused, refused].map((error) => errors.pauseAfter(error))).toEqual([10, 20, 40, null]);
  errors.clear();
  expect(errors.pauseAfter(refused)).toBe(10);
});

test.each([408, 409, 429, 500, 529])('%d only means later', (status) => {
  const errors = new ApiErrors({ baseDelay: 10, maxDelay: 50 });
  const answers = [1, 2, 3, 4].map(() => errors.pauseAfter({ error: 'unknown', message: `API Error: ${status} x` }));
  expect(answers).not.toContain(null);
});
