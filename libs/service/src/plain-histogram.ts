/** A histogram in Prometheus' text format without OpenTelemetry, for processes that are to stay small and have no collector. */
import { labelKey } from './open-metrics.js';

interface Series {
  labels: string;
  /** How many were in each bucket and in none before it; the last one is +Inf's. */
  counts: number[];
  sum: number;
}

export class PlainHistogram {
  private readonly series = new Map<string, Series>();

  /** @param bounds upper bounds of the buckets, ascending */
  constructor(
    private readonly name: string,
    private readonly description: string,
    private readonly bounds: readonly number[],
  ) {}

  record(value: number, labels: Readonly<Record<string, unknown>>): void {
    const key = labelKey(labels);
    let series = this.series.get(key);
    if (series === undefined) {
      series = { labels: labelText(labels), counts: new Array<number>(this.bounds.length + 1).fill(0), sum: 0 };
      this.series.set(key, series);
    }
    const found = this.bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? this.bounds.length : found;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
  }

  /** As a page of metrics has it. */
  text(): string {
    const { name } = this;
    const lines = [...this.series.values()].flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = counts.map((count, at) => {
        total += count;
        return `${name}_bucket{${labels}${labels === '' ? '' : ','}le="${this.bounds[at] ?? '+Inf'}"} ${total}\n`;
      });
      const tail = labels === '' ? '' : `{${labels}}`;
      return [...buckets, `${name}_sum${tail} ${sum}\n`, `${name}_count${tail} ${total}\n`];
    });
    return `# HELP ${name} ${this.description}\n# TYPE ${name} histogram\n${lines.join('')}`;
  }
}

const labelText = (labels: Readonly<Record<string, unknown>>): string =>
  Object.entries(labels)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(String(value))}`)
    .join(',');
