import { describe, expect, it } from '@jest/globals';
import type { KubeObject } from '@skyflow/contracts';
import { clusterStrategy } from './cluster-rules.js';
import {
  deploymentCauses,
  deploymentUpdateCauses,
  jobCauses,
  jobUpdateCauses,
  nativeJobCauses,
} from './workload-rules.js';

interface Parts {
  pod?: object;
  container?: object;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
}

function workload(kind: string, spec: object = {}, parts: Parts = {}): KubeObject {
  const { pod, container, annotations, labels = { app: 'web' } } = parts;
  return {
    apiVersion: 'x/v1',
    kind,
    metadata: { name: 'web', ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'x', ...container }], ...pod } },
      ...spec,
    },
  };
}

const never = { pod: { restartPolicy: 'Never' } };
const selector = { matchLabels: { app: 'web' } };
const fields = (causes: { field?: string }[]): (string | undefined)[] => causes.map(({ field }) => field);
const placement = (text: string): Parts => ({ ...never, annotations: { 'skyflow.io/placement': text } });
const PLACEMENT = 'metadata.annotations[skyflow.io/placement]';

describe('rules on jobs', () => {
  it('let a plain job of each kind pass', () => {
    expect(jobCauses(workload('Job'))).toEqual([]);
    expect(jobCauses(workload('Job', { completions: 3 }, never))).toEqual([]);
    expect(nativeJobCauses(workload('Job', { completions: 3, parallelism: 2 }, never))).toEqual([]);
  });

  it.each([
    ['completions of what never ends', jobCauses(workload('Job', { completions: 1 })), ['spec.completions']],
    [
      'an Indexed job without completions',
      jobCauses(workload('Job', { completionMode: 'Indexed' }, never)),
      ['spec.completions'],
    ],
    ['a batch/v1 job that restarts for ever', nativeJobCauses(workload('Job')), ['spec.template.spec.restartPolicy']],
    ['a batch/v1 job of no pods', nativeJobCauses(workload('Job', { parallelism: 0 }, never)), ['spec.parallelism']],
    ['a placement that is no JSON', nativeJobCauses(workload('Job', {}, placement('[1'))), [PLACEMENT]],
    ['a placement of other types', nativeJobCauses(workload('Job', {}, placement('{"clusters":[1]}'))), [PLACEMENT]],
    [
      'a selector of other types',
      nativeJobCauses(workload('Job', {}, placement('{"clusterSelector":{"matchLabels":{"a":1}}}'))),
      [PLACEMENT],
    ],
    ['the annotation on a SkyFlow job', jobCauses(workload('Job', {}, placement('{}'))), [PLACEMENT]],
    [
      'a cluster named twice, and one that cannot be',
      jobCauses(workload('Job', { placement: { clusters: ['a', 'a', 'B!'] } })),
      ['spec.placement.clusters[1]', 'spec.placement.clusters[2]'],
    ],
    [
      'a mount of a volume that is not there',
      jobCauses(workload('Job', {}, { container: { volumeMounts: [{ name: 'data' }] } })),
      ['spec.template.spec.containers[0].volumeMounts[0].name'],
    ],
    [
      'two volumes of one name',
      jobCauses(workload('Job', {}, { pod: { volumes: [{ name: 'a' }, { name: 'a' }] } })),
      ['spec.template.spec.volumes[1].name'],
    ],
    [
      'an init container named like a container',
      jobCauses(workload('Job', {}, { pod: { initContainers: [{ name: 'main', image: 'x' }] } })),
      ['spec.template.spec.initContainers[0].name'],
    ],
  ])('refuse %s', (_what, causes, expected) => {
    expect(fields(causes)).toEqual(expected);
  });

  it('allow cpu 0 only where Kubernetes’ own kinds do', () => {
    const idle = { container: { resources: { requests: { cpu: 0 } } } };
    expect(fields(jobCauses(workload('Job', {}, idle)))).toEqual([
      'spec.template.spec.containers[0].resources.requests.cpu',
    ]);
    expect(deploymentCauses(workload('Deployment', { selector }, idle), true)).toEqual([]);
  });

  it('refuse to wait by a resource that the pods do not request, which would be no wait', () => {
    const waiting = { policy: 'Resource', seconds: 60, resource: 'nvidia.com/gpu' };
    const causes = (requests: object, more: object = {}): { field?: string; message?: string }[] =>
      jobCauses(workload('Job', { waiting: { ...waiting, ...more } }, { container: { resources: { requests } } }));
    expect(causes({ cpu: '1' })).toEqual([
      expect.objectContaining({
        field: 'spec.waiting.resource',
        message: expect.stringContaining('they request cpu, pods'),
      }),
    ]);
    expect(causes({ 'nvidia.com/gpu': '1' })).toEqual([]);
    expect(fields(causes({ memory: '1Gi' }, { resource: undefined }))).toEqual(['spec.waiting.resource']);
    expect(causes({}, { policy: 'Constant' })).toEqual([]);
  });

  it('keep the pods of a job that ends, and whether it ends', () => {
    const old = workload('Job', { completions: 2 }, never);
    expect(fields(jobUpdateCauses(workload('Job', { completions: 3 }, never), old))).toEqual(['spec.completions']);
    expect(fields(jobUpdateCauses(workload('Job'), old))).toEqual(['spec.template.spec.restartPolicy']);
    expect(jobUpdateCauses(workload('Job', {}, { container: { image: 'y' } }), workload('Job'))).toEqual([]);
  });
});

describe('rules on deployments', () => {
  it('want a selector that selects the pods', () => {
    expect(deploymentCauses(workload('Deployment', { selector }), false)).toEqual([]);
    expect(fields(deploymentCauses(workload('Deployment', { selector: {} }), false))).toEqual(['spec.selector']);
    const others = workload('Deployment', { selector: { matchLabels: { app: 'other' } } });
    expect(fields(deploymentCauses(others, false))).toEqual(['spec.template.metadata.labels']);
    const expression = { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] };
    expect(deploymentCauses(workload('Deployment', { selector: expression }), true)).toEqual([]);
  });

  it('want pods that restart, and keep the selector', () => {
    expect(fields(deploymentCauses(workload('Deployment', { selector }, never), true))).toEqual([
      'spec.template.spec.restartPolicy',
    ]);
    const other = workload('Deployment', { selector: { matchLabels: { app: 'other' } } });
    expect(fields(deploymentUpdateCauses(other, workload('Deployment', { selector })))).toEqual(['spec.selector']);
  });
});

describe('rules on clusters', () => {
  const cluster = (manager?: string): KubeObject => ({
    apiVersion: 'skyflow.io/v1',
    kind: 'Cluster',
    metadata: { name: 'a' },
    spec: { ...(manager === undefined ? {} : { manager }) },
  });
  const context = { nowMs: 0, request: { user: { name: 'u', groups: [] }, requestId: 'r' } };

  it.each([undefined, 'k8', 'k8s', 'kubernetes', 'Kubernetes'])('take the manager %s for k8', (manager) => {
    const object = cluster(manager);
    clusterStrategy.prepareForCreate?.(object, context);
    expect(object.spec).toEqual({ manager: 'k8' });
    expect(clusterStrategy.validate?.(object, context)).toEqual([]);
  });

  it('refuse another manager', () => {
    const object = cluster('slurm');
    clusterStrategy.prepareForCreate?.(object, context);
    expect(fields(clusterStrategy.validate?.(object, context) ?? [])).toEqual(['spec.manager']);
  });
});
