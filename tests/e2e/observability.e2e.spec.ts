/** What the alert rules, their runbooks and the dashboard speak of is there in a system that runs. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OtlpReceiver } from '@skyflow/telemetry/testing';
import { parse } from 'yaml';
import { eventually, Skyflow } from './fixture/skyflow.js';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const ALERTS = 'deploy/observability/alerts.yaml';
const { groups } = parse(read(ALERTS)) as {
  groups: { rules: { alert: string; expr: string; annotations: { runbook_url: string } }[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('deploy/observability/grafana/skyflow.json')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`panel ${title}`, expr] as const)),
];
const withPromtool = await needing('promtool');

describe('alerts and the dashboard', () => {
  const skyflow = new Skyflow();
  let collector: OtlpReceiver;
  let metrics = new Set<string>();

  beforeAll(async () => {
    collector = await OtlpReceiver.start();
    // Agents have no page of their own that Prometheus knows: they send.
    skyflow.settings = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    };
    await skyflow.up();
    await skyflow.typed('create', 'job', 'seen', '--run', 'sleep 300', '--cpus', '0.1');
    await skyflow.typed('create', 'job', 'waits', '--run', 'sleep 300', '--cpus', '1000');
    await eventually('a decision is counted', async () => {
      const page = await scrape(skyflow);
      metrics = new Set([...page.matchAll(/^(skyflow_[a-z_]+)/gm)].map(([, name = '']) => name));
      for (const names of collector.metrics.values()) for (const name of names) metrics.add(name);
      const slow = ['skyflow_scheduling_stage_milliseconds_bucket', 'skyflow_mesh_open_connections'];
      expect([...metrics]).toEqual(expect.arrayContaining([...slow, 'skyflow_scheduler_waiting_by_reason']));
      for (const stage of ['decide', 'issue', 'report', 'run']) expect(page).toContain(`stage="${stage}"`);
      for (const operation of ['append', 'decide', 'issue', 'reconcile', 'gateway GET']) {
        expect(page).toContain(`operation="${operation}"`);
      }
      expect([...(collector.metrics.get('cluster-agent') ?? [])]).toContain('skyflow_operation_duration_seconds');
    });
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
    await collector.close();
  }, 60_000);

  it.each(expressions)('%s names metrics that there are', (_name, expr) => {
    const named = [...expr.matchAll(/skyflow_[a-z_]+/g)].map(([name]) => name);
    expect(named.filter((name) => !metrics.has(name))).toEqual([]);
    expect(named.length > 0 || expr.startsWith('up{')).toBe(true);
  });

  it('a bucket of the histogram of stages names the trace of a job that was in it', async () => {
    const ports = JSON.parse(readFileSync(join(skyflow.home, 'ports.json'), 'utf8')) as Record<string, number>;
    const accept = 'application/openmetrics-text;version=1.0.0';
    const answer = await fetch(`http://127.0.0.1:${String(ports['scheduler'])}/metrics`, { headers: { accept } });
    expect(answer.headers.get('content-type')).toContain('openmetrics');
    const traces = [...(await answer.text()).matchAll(/_stage_milliseconds_bucket.*trace_id="([0-9a-f]{32})"/g)];
    expect(traces.length).toBeGreaterThan(0);
    await eventually('the collector has these traces', () => {
      const sent = new Set(collector.spans.map(({ traceId }) => traceId));
      expect(traces.filter(([, id = '']) => !sent.has(id))).toEqual([]);
    });
  });

  it('the collector takes what services send, and gives it to what the compose file starts', () => {
    const { services } = parse(read('docker-compose.yml'), { maxAliasCount: -1 }) as {
      services: Record<string, object>;
    };
    const config = parse(read('deploy/observability/collector.yaml')) as CollectorConfig;
    const parts = { receivers: config.receivers, processors: config.processors, exporters: config.exporters };
    for (const pipeline of Object.values(config.service.pipelines)) {
      for (const [kind, names] of Object.entries(pipeline)) {
        expect(Object.keys(parts[kind as keyof typeof parts])).toEqual(expect.arrayContaining(names));
      }
    }
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['otel-collector', 'jaeger', 'prometheus', 'grafana']),
    );
    expect(config.exporters).toMatchObject({ 'otlphttp/jaeger': { endpoint: 'http://jaeger:4318' } });
    expect(read('deploy/observability/prometheus.yaml')).toContain("'otel-collector:8889'");
  });

  it.each(rules)('$alert has its runbook', ({ alert, annotations }) => {
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    expect(read('docs/runbooks.md')).toContain(`\n## ${alert}\n`);
  });

  withPromtool.it('rules do what their tests say', () => {
    const { status, stderr, stdout } = spawnSync(
      'promtool',
      ['test', 'rules', 'deploy/observability/alerts.test.yaml'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect({ status, stderr, stdout }).toMatchObject({ status: 0 });
  });
});

interface CollectorConfig {
  receivers: object;
  processors: object;
  exporters: object;
  service: { pipelines: Record<string, Record<'receivers' | 'processors' | 'exporters', string[]>> };
}

/** Everything that the services show at /metrics. */
async function scrape({ home }: Skyflow): Promise<string> {
  const ports = JSON.parse(readFileSync(join(home, 'ports.json'), 'utf8')) as Record<string, number>;
  const pages = ['gatewayHealth', 'scheduler', 'mesh', 'provisioner', 'supervisor'].map(async (name) => {
    const answer = await fetch(`http://127.0.0.1:${String(ports[name])}/metrics`);
    return answer.text();
  });
  return (await Promise.all(pages)).join('\n');
}
