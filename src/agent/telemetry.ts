// Owns the way in which Claude Code tells its tokens and dollars: OpenTelemetry's metrics over HTTP as JSON, sent to the hook server.
import { NO_USAGE, type Usage, zipUsage } from '../domain/usage.ts';

/** Names the run. It opens nothing else: the agent's shell commands inherit it. */
export const USAGE_HEADER = 'x-drover-usage';
/** Where OpenTelemetry's exporters post metrics, below their endpoint. */
export const METRICS_PATH = '/v1/metrics';
/** ms between two exports. */
const EXPORT_INTERVAL = 2_000;

/** The environment that makes Claude Code tell its usage. None where the operator's own already says where telemetry goes, or that there is none. */
export function telemetryEnvironment(
  telemetry: { readonly endpoint: string; readonly token: string } | null,
  operator: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const isTheirs = Object.keys(operator).some(
    (name) => name.startsWith('OTEL_') || name === 'CLAUDE_CODE_ENABLE_TELEMETRY',
  );
  if (telemetry === null || isTheirs) return {};
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_ENDPOINT: telemetry.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: `${USAGE_HEADER}=${telemetry.token}`,
    OTEL_METRIC_EXPORT_INTERVAL: String(EXPORT_INTERVAL),
  };
}

const KINDS: ReadonlySet<string> = new Set(['input', 'output', 'cacheRead', 'cacheCreation'] satisfies (keyof Usage)[]);

/** What one export adds: Claude Code tells differences, not sums. Metrics of other names, and what is no count, add nothing. */
export function readMetrics(body: unknown): Usage {
  const found = { ...NO_USAGE };
  const each = (value: unknown, key: string): unknown[] => listOf(recordOf(value)[key]);
  const metrics = each(body, 'resourceMetrics')
    .flatMap((resource) => each(resource, 'scopeMetrics'))
    .flatMap((scope) => each(scope, 'metrics'));
  for (const metric of metrics) {
    const { name, sum } = recordOf(metric);
    for (const point of each(sum, 'dataPoints')) {
      const kind = name === 'claude_code.cost.usage' ? 'cost' : attributeOf(point, 'type');
      if (name !== 'claude_code.cost.usage' && !(name === 'claude_code.token.usage' && KINDS.has(kind))) continue;
      found[kind as keyof Usage] += countOf(point);
    }
  }
  // Sums of floating point numbers: a millionth of a dollar is enough.
  return zipUsage(found, NO_USAGE, (value) => Math.round(value * 1e6) / 1e6);
}

function attributeOf(point: unknown, key: string): string {
  const found = listOf(recordOf(point)['attributes']).find((attribute) => recordOf(attribute)['key'] === key);
  const { stringValue } = recordOf(recordOf(found)['value']);
  return typeof stringValue === 'string' ? stringValue : '';
}

/** Whole numbers come as text, as JSON has no 64 bits. */
function countOf(point: unknown): number {
  const { asInt, asDouble } = recordOf(point);
  const value = Number(asInt ?? asDouble);
  return Number.isFinite(value) && value > 0 ? value : 0;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
