/**
 * Prometheus' text format as OpenMetrics 1.0, which has room for exemplars: the trace of one observation beside each bucket of a
 * histogram. Pure.
 */
export interface Exemplar {
  traceId: string;
  spanId: string;
  value: number;
  /** ms since the epoch. */
  atMs: number;
}

/** @param bucket upper bound as it is written, `+Inf` for the last */
export type ExemplarOf = (metric: string, labels: string, bucket: string) => Exemplar | undefined;

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const LABEL = /([a-z_][a-z0-9_]*)="((?:\\.|[^"\\])*)"/gi;
const BUCKET = /^([a-z_:][a-z0-9_:]*)_bucket\{(.*)\} \S+$/i;

export function openMetrics(prometheus: string, exemplarOf: ExemplarOf): string {
  const lines = prometheus.split('\n').filter((line) => line !== '' && !/^# (?!HELP|TYPE|UNIT)/.test(line));
  const counters = new Set(lines.flatMap((line) => /^# TYPE (\S+)_total counter$/.exec(line)?.[1] ?? []));
  const written = lines.map((line) => {
    const [, what, name = '', rest] = /^# (HELP|TYPE|UNIT) (\S+)_total (.*)$/.exec(line) ?? [];
    if (what !== undefined && counters.has(name)) return `# ${what} ${name} ${rest ?? ''}`;
    return withExemplar(line, exemplarOf);
  });
  return `${written.join('\n')}\n# EOF\n`;
}

/** Labels that an observation was made with, in one order, without those that the exporter adds. */
export const labelKey = (labels: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([name, value]) => value !== undefined && name !== 'le' && !name.startsWith('otel_scope_'))
      .map(([name, value]) => [name, String(value)])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );

function withExemplar(line: string, exemplarOf: ExemplarOf): string {
  const [, metric, text] = BUCKET.exec(line) ?? [];
  if (metric === undefined || text === undefined) return line;
  const labels = Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescape(value)]),
  );
  const exemplar = exemplarOf(metric, labelKey(labels), labels['le'] ?? '+Inf');
  if (exemplar === undefined) return line;
  const { traceId, spanId, value, atMs } = exemplar;
  return `${line} # {trace_id="${traceId}",span_id="${spanId}"} ${value} ${(atMs / 1_000).toFixed(3)}`;
}

const unescape = (value: string): string =>
  value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
