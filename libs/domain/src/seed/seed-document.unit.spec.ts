import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromSeedDocument, isSeedDocument } from './seed-document.js';

const objectsOf = (document: object): readonly object[] => {
  const result = fromSeedDocument(document as Record<string, unknown>, 'team-a');
  expect(result).toMatchObject({ ok: true });
  return result.ok ? result.objects : [];
};
const problemsOf = (document: object): string[] => {
  const result = fromSeedDocument(document as Record<string, unknown>, 'default');
  return result.ok ? [] : result.problems.map(({ field, message }) => `${field}: ${message}`);
};
const job = (spec: object, metadata: object = {}): object => ({
  kind: 'Job',
  metadata: { name: 'hello', ...metadata },
  spec,
});
const pod = (spec: object) => {
  const [object] = objectsOf(job(spec)) as { spec: { template: { spec: { containers: object[] } } } }[];
  return object?.spec.template.spec;
};

describe("a document in the seed's form", () => {
  it.each<[object, boolean]>([
    [job({}), true],
    [{ kind: 'filterPolicy', metadata: { name: 'x' } }, true],
    [{ apiVersion: 'skyflow.io/v1', ...job({ image: 'x', restart_policy: 'Never' }) }, true],
    [{ apiVersion: 'skyflow.io/v1', ...job({ template: {}, image: 'x' }) }, false],
    [{ apiVersion: 'skyflow.io/v1', ...job({ replicas: 1 }) }, false],
    [{ apiVersion: 'batch/v1', ...job({ image: 'x' }) }, false],
    [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } }, false],
    [{ kind: 'ConfigMap', metadata: { name: 'x' } }, false],
  ])('is known from others: %j is %s', (document, expected) => expect(isSeedDocument(document)).toBe(expected));

  it('is a job with everything that it said, in either spelling', () => {
    const said = { image: 'nginx', run: 'date', replicas: 2, resources: { cpus: 0.5, memory: 128 }, ports: [80] };
    const [snake] = objectsOf(job({ ...said, restart_policy: 'Never', envs: { A: 1 } }, { labels: { app: 'web' } }));
    const [camel] = objectsOf(job({ ...said, restartPolicy: 'Never', env: ['A=1'] }, { labels: { app: 'web' } }));
    expect(camel).toEqual(snake);
    expect(snake).toEqual({
      apiVersion: 'skyflow.io/v1',
      kind: 'Job',
      metadata: { name: 'hello', namespace: 'team-a', labels: { app: 'web' } },
      spec: {
        replicas: 2,
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            restartPolicy: 'Never',
            containers: [
              {
                name: 'hello',
                image: 'nginx',
                command: ['/bin/sh', '-c', 'date'],
                env: [{ name: 'A', value: '1' }],
                ports: [{ containerPort: 80, protocol: 'TCP' }],
                resources: { requests: { cpu: '0.5', memory: '128Mi' }, limits: { cpu: '0.5', memory: '128Mi' } },
              },
            ],
          },
        },
      },
    });
  });

  it.each<[unknown]>([
    [{ A: 'x=y', B: 2 }],
    [['A=x=y', 'B=2']],
    [[{ A: 'x=y' }, { B: 2 }]],
    [
      [
        { name: 'A', value: 'x=y' },
        { name: 'B', value: 2 },
      ],
    ],
  ])('has its environment as %j', (env) => {
    const expected = [
      { name: 'A', value: 'x=y' },
      { name: 'B', value: '2' },
    ];
    expect(pod({ env })?.containers).toMatchObject([{ env: expected }]);
    expect(pod({ envs: env })?.containers).toMatchObject([{ env: expected }]);
  });

  it('keeps values from Secrets, GPUs by type, volumes of the host and where it may run', () => {
    const from = { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };
    const [object] = objectsOf(
      job({
        env: [from],
        resources: { cpus: 1, V100: 2, 'example.com/fpga': 1, gpus: 0 },
        volumes: { data: { container_dir: '/data', host_dir: '/srv' } },
        image_pull_policy: 'Always',
        placement: {
          filters: [
            { name: 'eu', match_labels: { region: 'eu' } },
            { name: 'no', match_expressions: [{ key: 'spot', operator: 'NotIn', values: ['true'] }] },
          ],
          preferences: [{ name: 'p', weight: 5, match_labels: { tier: 'gold' } }],
        },
      }),
    );
    expect(object).toMatchObject({
      spec: {
        placement: {
          clusterSelector: {
            matchExpressions: [
              { key: 'region', operator: 'In', values: ['eu'] },
              { key: 'spot', operator: 'NotIn', values: ['true'] },
            ],
          },
          clusterAffinity: { preferred: [{ weight: 5, preference: { matchLabels: { tier: 'gold' } } }] },
        },
        template: {
          spec: {
            affinity: expect.anything(),
            volumes: [{ name: 'data', hostPath: { path: '/srv' } }],
            containers: [
              {
                env: [from],
                imagePullPolicy: 'Always',
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
                resources: { requests: { cpu: '1', 'nvidia.com/gpu': '2', 'example.com/fpga': '1' } },
              },
            ],
          },
        },
      },
    });
  });

  it.each<[object, object[]]>([
    [
      { kind: 'Cluster', metadata: { name: 'gke_a_b' }, spec: { manager: 'k8', attached: true, config_path: '/k' } },
      [
        {
          kind: 'Cluster',
          metadata: { name: 'gke-a-b' },
          spec: { manager: 'k8', context: 'gke_a_b', kubeconfig: '/k' },
        },
      ],
    ],
    [
      {
        kind: 'Service',
        metadata: { name: 's' },
        spec: {
          type: 'LoadBalancer',
          selector: { app: 'x' },
          ports: [{ port: 80, target_port: 8080 }],
          primary_cluster: 'a',
        },
      },
      [
        {
          kind: 'Service',
          metadata: { name: 's', namespace: 'team-a' },
          spec: { cluster: 'a', type: 'LoadBalancer', selector: { app: 'x' }, ports: [{ port: 80, targetPort: 8080 }] },
        },
      ],
    ],
    [
      { kind: 'Namespace', metadata: { name: 'n' } },
      [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }],
    ],
    [
      {
        kind: 'FilterPolicy',
        metadata: { name: 'f' },
        spec: { cluster_filter: { include: ['a'], exclude: ['b'] }, labels_selector: { app: 'x' } },
      },
      [
        {
          kind: 'PlacementPolicy',
          spec: { workloadSelector: { matchLabels: { app: 'x' } }, clusters: ['a'], excludeClusters: ['b'] },
        },
      ],
    ],
    [
      {
        kind: 'Role',
        metadata: { name: 'r', namespaces: ['x'] },
        rules: [{ name: 'one', resources: ['jobs', 'filterpolicies'], actions: ['get'] }],
        users: ['jo'],
      },
      [
        { kind: 'Role', rules: [{ verbs: ['get'], kinds: ['jobs', 'placementpolicies'], namespaces: ['x'] }] },
        { kind: 'RoleBinding', roleRef: { name: 'r' }, subjects: [{ kind: 'User', name: 'jo' }] },
      ],
    ],
  ])('of another kind: %j', (document, expected) => expect(objectsOf(document)).toMatchObject(expected));

  it.each<[object, RegExp[]]>([
    [{ kind: 'Job', spec: {} }, [/^metadata\.name: is required/]],
    [job({ restart_policy: 'Sometimes' }), [/^spec\.restartPolicy: "Sometimes": must be one of/]],
    [job({ imge: 'x' }), [/^spec\.imge: is no field of the seed system's form; there are image, run/]],
    [job({ restart_policy: 'Never', restartPolicy: 'Always' }), [/says something else than spec\.restart_policy/]],
    [job({ replicas: [1] }), [/^spec\.replicas: must be text or a number/]],
    [
      job({ resources: { memory: 'much', T4: 1, V100: 1 } }),
      [/several types of GPUs/, /^spec\.resources\.memory: "much"/],
    ],
    [job({ volumes: { v: { container_dir: '/x' } } }), [/^spec\.volumes\.v\.host_dir: is required: buckets/]],
    [job({ env: 'A' }), [/^spec\.env: must be a map, or a list/]],
    [
      job({ placement: { preferences: [{ weight: 200, match_labels: {} }] } }),
      [/preferences\[0\]\.weight: .* 1 to 100/],
    ],
    [
      { kind: 'Cluster', metadata: { name: 'x' }, spec: { num_nodes: 2 } },
      [/^spec\.num_nodes: asks for a cluster that is yet/],
    ],
    [{ kind: 'Cluster', metadata: { name: 'x' }, spec: { manager: 'slurm' } }, [/^spec\.manager: "slurm": must be k8/]],
    [{ kind: 'Link', metadata: { name: 'x' }, spec: {} }, [/^kind: links are found by SkyFlow itself/]],
    [
      { kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ target_port: 1 }] } },
      [/^spec\.ports\[0\]\.port: is required/],
    ],
  ])('%j is refused by its fields', (document, messages) => {
    const problems = problemsOf(document);
    expect(problems).toEqual(messages.map((message) => expect.stringMatching(message)));
  });

  it('is read or refused, whatever is in it, and never half', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Job', 'Cluster', 'Service', 'FilterPolicy', 'Role', 'Namespace'),
        fc.dictionary(
          fc.constantFrom(
            'image',
            'env',
            'resources',
            'ports',
            'placement',
            'volumes',
            'selector',
            'cluster_filter',
            'x',
          ),
          fc.jsonValue({ maxDepth: 3 }),
        ),
        (kind, spec) => {
          const result = fromSeedDocument({ kind, metadata: { name: 'n' }, spec }, 'default');
          if (result.ok) expect(result.objects.length).toBeGreaterThan(0);
          else for (const { field, message } of result.problems) expect([field, message]).not.toContain('');
        },
      ),
    );
  });
});
