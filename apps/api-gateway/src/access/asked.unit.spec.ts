import { describe, expect, it } from '@jest/globals';
import { clusterOf } from './asked.js';

describe('the cluster that an object is of', () => {
  it.each([
    ['', 'Pod', 'web-1.eu-1', 'eu-1'],
    ['', 'Node', 'eu-1.node.example', 'eu-1'],
    ['', 'Event', 'web-1.17a3.eu-1', 'eu-1'],
    ['events.k8s.io', 'Event', 'web-1.17a3.eu-1', 'eu-1'],
    ['skyflow.io', 'Cluster', 'eu-1', 'eu-1'],
    ['skyflow.io', 'Job', 'sum.eu-1', undefined],
    ['', 'ConfigMap', 'sum.eu-1', undefined],
  ])('of %s %s %s is %s', (group, kind, name, cluster) => {
    expect(clusterOf({ group, kind }, name)).toBe(cluster);
  });
});
