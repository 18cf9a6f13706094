import { describe, expect, test } from 'vitest';
import { outcomeOf } from '../../../src/cli/complaint.ts';
import { choosePaint, plainPaint, renderComplaint, renderComplaintJson, renderJson } from '../../../src/cli/render.ts';
import { UsageError } from '../../../src/cli/usage.ts';
import { FaultError, NoServerError } from '../../../src/client/client.ts';
import { RefusalError } from '../../../src/domain/refusal.ts';

const complaint = { code: 'bad-title', message: 'no\u001b[2J\ntitle', next: 'drover add "x"' };

describe('a complaint', () => {
  test('is two lines for a person, whatever it holds', () => {
    expect(renderComplaint(complaint, plainPaint)).toBe('drover: no[2J title\n  next: drover add "x"\n');
    expect(renderComplaint({ ...complaint, next: '' }, plainPaint)).toBe('drover: no[2J title\n');
  });

  test('is one JSON document for a program', () => {
    const text = renderComplaintJson(complaint);
    expect(JSON.parse(text)).toEqual({ error: complaint });
    expect(text.indexOf('\n')).toBe(text.length - 1);
  });
});

test('JSON shows no control character, and reads back the same', () => {
  const value = { title: 'a\u001b[2J\u009bb\u202ec\u007f' };
  const text = renderJson(value);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(JSON.parse(text)).toEqual(value);
  expect(renderJson(undefined)).toBe('null\n');
});

describe('colours', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('on a terminal %s with %j: %s', (isTTY, env, isColoured) => {
    expect(choosePaint({ isTTY }, env)('bad', 'x') !== 'x').toBe(isColoured);
  });
});

describe('exit codes', () => {
  const log = () => '/logs/client.log';
  test.each([
    [
      'a refusal',
      new RefusalError({ code: 'unknown-task', message: 'm', next: 'n' }),
      1,
      { code: 'unknown-task', message: 'm', next: 'n' },
    ],
    [
      'a value that no verb takes',
      new RefusalError({ code: 'bad-params', message: 'm', next: 'n' }),
      2,
      { code: 'bad-params', message: 'm', next: 'n' },
    ],
    [
      'a title that no task has',
      new RefusalError({ code: 'bad-title', message: 'm', next: 'n' }),
      2,
      { code: 'bad-title', message: 'm', next: 'n' },
    ],
    ['words that make no command', new UsageError('m', 'n'), 2, { code: 'usage', message: 'm', next: 'n' }],
    ['no server', new NoServerError('m'), 3, { code: 'no-server', message: 'm', next: 'drover run' }],
    [
      'a fault of the server',
      new FaultError('m', '/logs/server.log'),
      70,
      { code: 'fault', message: 'm (the log is /logs/server.log)', next: '' },
    ],
    [
      'a fault of our own',
      new TypeError('m'),
      70,
      { code: 'fault', message: 'm (the log is /logs/client.log)', next: '' },
    ],
    [
      'something thrown that is no error',
      'm',
      70,
      { code: 'fault', message: 'm (the log is /logs/client.log)', next: '' },
    ],
  ])('%s', (_name, error, exitCode, told) => {
    expect(outcomeOf(error, log)).toEqual({ exitCode, complaint: told });
  });
});
