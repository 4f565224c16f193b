import { describe, expect, it } from '@jest/globals';
import type { Cluster, Job } from '@skyflow/contracts';
import { Terminal } from '../../output/terminal.js';
import { clusterLoads, namespaceLoads, nodeLoads, podLoads, workloadLoads } from './loads.js';
import { renderLoads } from './render-loads.js';

const GIB = 2 ** 30;
const pipe = new Terminal({ write: () => true }, { write: () => true }, {});
const screen = new Terminal({ write: () => true, isTTY: true }, { write: () => true }, { NO_COLOR: '1' });

const node = (name: string, cpu: number, free: number) => ({
  name,
  ready: true,
  allocatable: { cpu, memory: 4 * GIB },
  free: { cpu: free, memory: GIB },
});
const cluster = (name: string, free: number): Cluster =>
  ({
    kind: 'Cluster',
    metadata: { name },
    spec: { manager: 'k8' },
    status: {
      phase: 'READY',
      allocatable: { cpu: 4_000, memory: 4 * GIB },
      free: { cpu: free, memory: GIB },
      nodes: [node('n1', 4_000, free)],
    },
  }) as unknown as Cluster;
const job = (name: string, namespace: string, cpu: string, shares: object[]): Job =>
  ({
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      template: { spec: { containers: [{ name: 'a', resources: { requests: { cpu, memory: '1Gi' } } }] } },
    },
    status: { phase: 'RUNNING', replicas: 3, clusters: shares },
  }) as unknown as Job;
const share = (more: object) => ({
  cluster: 'a',
  phase: 'RUNNING',
  replicas: 2,
  running: 2,
  succeeded: 0,
  failed: 0,
  ...more,
});

const options = { sortBy: 'cpu', terminal: pipe, headers: true } as const;
const lines = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));

describe('top', () => {
  it('shows the fullest cluster first, in numbers where it is piped', () => {
    const loads = clusterLoads([cluster('a', 3_000), cluster('b', 1_000)]);
    expect(lines(renderLoads({ columns: ['Cluster', 'Status', 'Nodes'], loads }, options))).toEqual([
      'Cluster | Status | Nodes | CPU | CPU% | Memory | Memory%',
      'b | READY | 1/1 | 3.0/4.0 | 75% | 3Gi/4Gi | 75%',
      'a | READY | 1/1 | 1.0/4.0 | 25% | 3Gi/4Gi | 75%',
    ]);
  });

  it('draws bars on a terminal', () => {
    const [, row] = renderLoads(
      { columns: ['Node', 'Cluster', 'Status'], loads: nodeLoads([cluster('a', 3_000)]) },
      {
        ...options,
        terminal: screen,
      },
    ).split('\n');
    expect(row).toMatch(/^n1 +a +Ready +1\.0\/4\.0 +██?█░{7} 25%/);
  });

  it('counts what is placed and has not ended', () => {
    const jobs = [
      job('one', 'x', '500m', [share({}), share({ cluster: 'b', succeeded: 1 })]),
      job('two', 'x', '1', [share({ phase: 'COMPLETED', running: 0, succeeded: 2 })]),
      job('six', 'y', '1', []),
    ];
    expect(
      lines(
        renderLoads(
          { columns: ['Workload', 'Namespace', 'Clusters', 'Replicas'], loads: workloadLoads(jobs) },
          options,
        ),
      ),
    ).toEqual([
      'Workload | Namespace | Clusters | Replicas | CPU | Memory',
      'job/one | x | a,b | 4/3 | 1.5 | 3Gi',
      'job/six | y | - | 0/3 | 0.0 | 0',
      'job/two | x | a | 0/3 | 0.0 | 0',
    ]);
    expect(namespaceLoads(jobs).map(({ cells, used }) => [cells, used.cpu])).toEqual([
      [['x', '2', '3'], 1_500],
      [['y', '1', '0'], 0],
    ]);
  });

  it('gives pods that have ended nothing, and sorts by name when told to', () => {
    const pod = (name: string, phase: string) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'x' } as never,
      spec: { nodeName: 'n', containers: [{ resources: { requests: { cpu: '1', 'nvidia.com/gpu': '2' } } }] },
      status: { phase },
    });
    const loads = podLoads([pod('b', 'Succeeded'), pod('a', 'Running')]);
    const columns = ['Pod', 'Namespace', 'Node', 'Status'];
    expect(lines(renderLoads({ columns, loads }, { ...options, sortBy: 'name', headers: false }))).toEqual([
      'a | x | n | Running | 1.0 | 0 | 2',
      'b | x | n | Succeeded | 0.0 | 0 | 0',
    ]);
  });

  it('says that there is nothing', () => {
    expect(renderLoads({ columns: ['Pod'], loads: [] }, options)).toBe('No pods.');
  });
});
