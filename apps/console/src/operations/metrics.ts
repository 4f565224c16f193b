/** Prometheus' text format, as far as the gateway writes it. */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', content = '']): [string, string] => [
      key,
      unescape(content),
    ]);
    const number = value === '+Inf' ? Infinity : Number(value);
    return Number.isNaN(number) ? [] : [{ name, labels: Object.fromEntries(pairs), value: number }];
  });
}

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter));

/**
 * Of a histogram, interpolated within its bucket as Prometheus does (histogram_quantile). Undefined: nothing was measured. Infinity: more
 * than the last bucket.
 */
export function quantile(samples: readonly Sample[], name: string, share: number): number | undefined {
  const buckets = samples
    .filter((sample) => sample.name === `${name}_bucket`)
    .map(({ labels, value }) => ({ upTo: labels['le'] === '+Inf' ? Infinity : Number(labels['le']), count: value }))
    .sort((one, other) => one.upTo - other.upTo);
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return undefined;
  const wanted = share * total;
  const index = buckets.findIndex(({ count }) => count >= wanted);
  const bucket = buckets[index];
  if (bucket === undefined || bucket.upTo === Infinity) return Infinity;
  const before = buckets[index - 1] ?? { upTo: 0, count: 0 };
  const within = bucket.count - before.count;
  return within === 0 ? bucket.upTo : before.upTo + ((wanted - before.count) / within) * (bucket.upTo - before.upTo);
}
