// Owns the tests of how an agent's usage is read: from its transcripts, and from the telemetry that it sends.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readMetrics, telemetryEnvironment } from '../../../src/agent/telemetry.ts';
import { TranscriptUsage } from '../../../src/agent/transcript-usage.ts';
import { NO_USAGE } from '../../../src/domain/usage.ts';

describe('transcripts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'drover-usage-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const line = (id: string, usage: object): string =>
    `${JSON.stringify({ type: 'assistant', message: { id, usage } })}\n`;

  test('a message counts once, however many lines it has, with the last that is said of it', async () => {
    const path = join(folder, 'a.jsonl');
    const usage = new TranscriptUsage(path);
    expect(await usage.look()).toEqual(NO_USAGE);
    appendFileSync(path, `{"type":"user","message":{"content":"hello"}}\nno JSON\n`);
    appendFileSync(path, line('m1', { input_tokens: 3, output_tokens: 1, cache_read_input_tokens: 7 }));
    appendFileSync(path, line('m1', { input_tokens: 3, output_tokens: 9, cache_read_input_tokens: 7 }));
    expect(await usage.look()).toEqual({ input: 3, output: 9, cacheRead: 7, cacheCreation: 0, cost: 0 });
    appendFileSync(path, line('m2', { input_tokens: -4, output_tokens: 'many', cache_creation_input_tokens: 2 }));
    expect(await usage.look()).toEqual({ input: 3, output: 9, cacheRead: 7, cacheCreation: 2, cost: 0 });
  });

  test("subagents' files beside it count too", async () => {
    const path = join(folder, 'a.jsonl');
    appendFileSync(path, line('m1', { output_tokens: 1 }));
    mkdirSync(join(folder, 'a', 'subagents'), { recursive: true });
    appendFileSync(join(folder, 'a', 'subagents', 'agent-x.jsonl'), line('m7', { output_tokens: 10 }));
    expect(await new TranscriptUsage(path).look()).toMatchObject({ output: 11 });
  });
});

describe('telemetry', () => {
  const point = (value: object, type?: string): object => ({
    ...value,
    attributes: type === undefined ? [] : [{ key: 'type', value: { stringValue: type } }],
  });
  const body = (...metrics: object[]): object => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });

  test('tokens by their kinds and dollars are added up; whole numbers may be text', () => {
    const tokens = {
      name: 'claude_code.token.usage',
      sum: {
        dataPoints: [
          point({ asDouble: 5 }, 'input'),
          point({ asInt: '7' }, 'cacheRead'),
          point({ asDouble: 2 }, 'input'),
        ],
      },
    };
    const cost = {
      name: 'claude_code.cost.usage',
      sum: { dataPoints: [point({ asDouble: 0.1 }), point({ asDouble: 0.2 })] },
    };
    expect(readMetrics(body(tokens, cost))).toEqual({ ...NO_USAGE, input: 7, cacheRead: 7, cost: 0.3 });
  });

  test.each([
    ['nothing', null],
    ['a list', []],
    [
      'another metric',
      body({ name: 'claude_code.active_time.total', sum: { dataPoints: [point({ asDouble: 5 }, 'input')] } }),
    ],
    [
      'another kind',
      body({ name: 'claude_code.token.usage', sum: { dataPoints: [point({ asDouble: 5 }, 'constructor')] } }),
    ],
    ['less than nothing', body({ name: 'claude_code.cost.usage', sum: { dataPoints: [point({ asDouble: -5 })] } })],
    ['no number', body({ name: 'claude_code.cost.usage', sum: { dataPoints: [point({ asDouble: 'NaN' })] } })],
  ])('%s adds nothing', (_what, value) => {
    expect(readMetrics(value)).toEqual(NO_USAGE);
  });

  test("it is asked for unless the operator's environment says where telemetry goes", () => {
    const telemetry = { endpoint: 'http://127.0.0.1:1', token: 't' };
    expect(telemetryEnvironment(telemetry, { PATH: '/bin' })).toMatchObject({
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-drover-usage=t',
    });
    expect(telemetryEnvironment(null, {})).toEqual({});
    expect(telemetryEnvironment(telemetry, { CLAUDE_CODE_ENABLE_TELEMETRY: '0' })).toEqual({});
    expect(telemetryEnvironment(telemetry, { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://example.invalid' })).toEqual({});
  });
});
