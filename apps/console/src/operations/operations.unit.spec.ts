import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '@skyflow/contracts';
import { type SystemStatus, alertsOf } from './alerts.js';
import { parseMetrics, quantile } from './metrics.js';

const TEXT = `# HELP d a histogram
d_bucket{route="a",le="10"} 50
d_bucket{route="a",le="20"} 100
d_bucket{route="a",le="+Inf"} 100
d_count{route="a",note="x\\"y\\\\n"} 100
up 1
broken line
`;

describe('metrics', () => {
  it('are read, labels and all', () => {
    expect(parseMetrics(TEXT)).toHaveLength(5);
    expect(parseMetrics(TEXT)[3]).toEqual({ name: 'd_count', labels: { route: 'a', note: 'x"y\\n' }, value: 100 });
  });

  it('have quantiles as Prometheus has them', () => {
    const samples = parseMetrics(TEXT);
    expect(quantile(samples, 'd', 0.5)).toBe(10);
    expect(quantile(samples, 'd', 0.75)).toBe(15);
    expect(quantile(samples, 'none', 0.5)).toBeUndefined();
    expect(quantile(parseMetrics('d_bucket{le="1"} 1\nd_bucket{le="+Inf"} 9'), 'd', 0.9)).toBe(Infinity);
  });
});

describe('alerts', () => {
  const service = (name: string, more: object = {}): SystemStatus['services'][number] => ({
    name,
    instance: `${name}-1`,
    status: 'READY',
    ready: true,
    active: true,
    message: '',
    version: '1',
    foldedSeq: 5_000,
    lastHeartbeatTime: '',
    ...more,
  });
  const status = (services: SystemStatus['services'], more: object = { logHead: 5_000 }): SystemStatus => ({
    version: '1',
    ready: true,
    objects: 1,
    foldedSeq: 1,
    services,
    clusters: [],
    ...more,
  });
  const all = ['scheduler', 'mesh-controller', 'provisioner'].map((name) => service(name));

  it('are silent when all is well', () => {
    expect(alertsOf(status(all), [])).toEqual([]);
  });

  it('name what is missing, not ready, behind, of another version, or lost', () => {
    const lost = { metadata: { name: 'c' }, status: { phase: 'LOST', message: 'no word' } } as Cluster;
    const services = [
      service('scheduler', { active: false }),
      service('mesh-controller', { ready: false, message: 'log: lost' }),
      service('provisioner', { foldedSeq: 1, version: '2' }),
    ];
    expect(alertsOf(status(services), [lost]).map(({ about, message }) => `${about}: ${message}`)).toEqual([
      'mesh-controller mesh-controller-1: log: lost',
      'scheduler: no active one is heard',
      'provisioner lags: 4999 commits behind the log',
      'versions: several at once: 1, 2',
      'cluster c: LOST: no word',
    ]);
    expect(alertsOf(status(all, {}), [])[0]?.about).toBe('log');
  });
});
