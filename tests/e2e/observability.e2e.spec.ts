/** What the alert rules, their runbooks and the dashboard speak of is there in a system that runs. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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
const hasPromtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;

describe('alerts and the dashboard', () => {
  const skyflow = new Skyflow();
  let metrics = new Set<string>();

  beforeAll(async () => {
    await skyflow.up();
    await skyflow.skyctl(['create', 'job', 'seen', '--image', 'busybox', '--cpus', '0.1']);
    await eventually('a decision is counted', async () => {
      metrics = new Set([...(await scrape(skyflow)).matchAll(/^(skyflow_[a-z_]+)/gm)].map(([, name = '']) => name));
      expect(metrics).toContain('skyflow_scheduler_decisions_total');
    });
  }, 120_000);

  afterAll(() => skyflow.remove(), 60_000);

  it.each(expressions)('%s names metrics that there are', (_name, expr) => {
    const named = [...expr.matchAll(/skyflow_[a-z_]+/g)].map(([name]) => name);
    expect(named.filter((name) => !metrics.has(name))).toEqual([]);
    expect(named.length > 0 || expr.startsWith('up{')).toBe(true);
  });

  it.each(rules)('$alert has its runbook', ({ alert, annotations }) => {
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    expect(read('docs/runbooks.md')).toContain(`\n## ${alert}\n`);
  });

  // Debian: prometheus; elsewhere it comes with Prometheus.
  (hasPromtool ? it : it.skip)('rules do what their tests say (needs promtool)', () => {
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

/** Everything that the services show at /metrics. */
async function scrape({ home }: Skyflow): Promise<string> {
  const ports = JSON.parse(readFileSync(join(home, 'ports.json'), 'utf8')) as Record<string, number>;
  const pages = ['gatewayHealth', 'scheduler', 'mesh', 'provisioner', 'supervisor'].map(async (name) => {
    const answer = await fetch(`http://127.0.0.1:${String(ports[name])}/metrics`);
    return answer.text();
  });
  return (await Promise.all(pages)).join('\n');
}
