import { describe, expect, it } from '@jest/globals';
import { jsonPatch, mergePatch, SchemaSet, strategicMergePatch } from '@skyflow/apimachinery';
import { parse } from 'yaml';
import { nativeSchemas } from './native-schemas.js';
import { deployment, schemaOf, service, statefulSet, valueAt, type Manifest } from './testing/index.js';

const set = new SchemaSet(nativeSchemas());

const patched = (object: Manifest, patch: string): unknown =>
  strategicMergePatch(object, parse(patch), schemaOf(object), set);

const node = (): Manifest => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  spec: { podCIDRs: ['10.0.0.0/24'], taints: [{ key: 'a', effect: 'NoSchedule' }] },
  status: {
    conditions: [
      { type: 'MemoryPressure', status: 'False' },
      { type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' },
    ],
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
  },
});

const pod = 'spec.template.spec';
const restartedAt = '"2026-01-01T00:00:00Z"';

describe('what kubectl sends as a strategic merge patch', () => {
  it.each([
    [
      'set image',
      `{spec: {template: {spec: {$setElementOrder/containers: [{name: web}, {name: proxy}], containers: [{image: "nginx:2", name: web}]}}}}`,
      `${pod}.containers[0].image`,
      'nginx:2',
    ],
    [
      'set image of the second container',
      `{spec: {template: {spec: {containers: [{image: "envoy:2", name: proxy}]}}}}`,
      `${pod}.containers[1].image`,
      'envoy:2',
    ],
    [
      'set env to a new variable',
      `{spec: {template: {spec: {$setElementOrder/containers: [{name: web}, {name: proxy}], containers: [{name: web, $setElementOrder/env: [{name: PORT}, {name: POD_IP}, {name: CPUS}, {name: LEVEL}, {name: NEW}], env: [{name: NEW, value: "1"}]}]}}}}`,
      `${pod}.containers[0].env[4]`,
      { name: 'NEW', value: '1' },
    ],
    [
      'set env to another value',
      `{spec: {template: {spec: {containers: [{name: web, env: [{name: PORT, value: "9090"}]}]}}}}`,
      `${pod}.containers[0].env[0]`,
      { name: 'PORT', value: '9090' },
    ],
    [
      'set env to nothing',
      `{spec: {template: {spec: {containers: [{name: web, env: [{name: PORT, $patch: delete}]}]}}}}`,
      `${pod}.containers[0].env[0].name`,
      'POD_IP',
    ],
    [
      'set resources',
      `{spec: {template: {spec: {containers: [{name: web, resources: {limits: {cpu: "2", nvidia.com/gpu: null}}}]}}}}`,
      `${pod}.containers[0].resources.limits`,
      { cpu: '2', memory: '256Mi' },
    ],
    [
      'rollout restart',
      `{spec: {template: {metadata: {annotations: {kubectl.kubernetes.io/restartedAt: ${restartedAt}}}}}}`,
      'spec.template.metadata.annotations',
      { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' },
    ],
    ['rollout pause', `{spec: {paused: true}}`, 'spec.paused', true],
    [
      'label of a pod template removed',
      `{spec: {template: {metadata: {labels: {tier: null}}}}}`,
      'spec.template.metadata.labels',
      { app: 'shop' },
    ],
    [
      'node selector changed',
      `{spec: {template: {spec: {nodeSelector: {kubernetes.io/os: null, disk: ssd}}}}}`,
      `${pod}.nodeSelector`,
      { disk: 'ssd' },
    ],
    [
      'tolerations, which are replaced',
      `{spec: {template: {spec: {tolerations: [{operator: Exists}]}}}}`,
      `${pod}.tolerations`,
      [{ operator: 'Exists' }],
    ],
    [
      'args, which are replaced',
      `{spec: {template: {spec: {initContainers: [{name: migrate, args: [x]}]}}}}`,
      `${pod}.initContainers[0].args`,
      ['x'],
    ],
    [
      'port by its number',
      `{spec: {template: {spec: {containers: [{name: web, ports: [{containerPort: 8080, name: web}]}]}}}}`,
      `${pod}.containers[0].ports`,
      [
        { name: 'web', containerPort: 8080 },
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
      ],
    ],
    [
      'port removed',
      `{spec: {template: {spec: {containers: [{name: web, ports: [{containerPort: 53, $patch: delete}]}]}}}}`,
      `${pod}.containers[0].ports`,
      [{ name: 'http', containerPort: 8080 }],
    ],
    [
      'a mount by its path',
      `{spec: {template: {spec: {containers: [{name: web, volumeMounts: [{mountPath: /cache, name: cache, readOnly: true}]}]}}}}`,
      `${pod}.containers[0].volumeMounts[1]`,
      { name: 'cache', mountPath: '/cache', readOnly: true },
    ],
    [
      'a volume that gets another source',
      `{spec: {template: {spec: {volumes: [{name: config, $retainKeys: [name, secret], secret: {secretName: s}}]}}}}`,
      `${pod}.volumes[0]`,
      { name: 'config', secret: { secretName: 's' } },
    ],
    [
      'a strategy that gets another type',
      `{spec: {strategy: {$retainKeys: [type], type: Recreate}}}`,
      'spec.strategy',
      { type: 'Recreate' },
    ],
    [
      'an image pull secret',
      `{spec: {template: {spec: {imagePullSecrets: [{name: second}]}}}}`,
      `${pod}.imagePullSecrets`,
      [{ name: 'second' }, { name: 'registry' }],
    ],
    [
      'a probe switched to another handler',
      `{spec: {template: {spec: {containers: [{name: web, livenessProbe: {tcpSocket: null, exec: {command: ["true"]}}}]}}}}`,
      `${pod}.containers[0].livenessProbe`,
      { initialDelaySeconds: 5, exec: { command: ['true'] } },
    ],
  ])('to a Deployment: %s', (_, patch, path, expected) => {
    const before = deployment();
    const result = patched(before, patch);
    expect(valueAt(result, path)).toEqual(expected);
    expect(before).toEqual(deployment());
    expect((valueAt(result, `${pod}.containers`) as unknown[]).length).toBe(2);
  });

  it.each([
    ['cordon', `{spec: {unschedulable: true}}`, 'spec.unschedulable', true],
    [
      'taint, which replaces the list',
      `{spec: {taints: [{key: b, effect: NoExecute}]}}`,
      'spec.taints',
      [{ key: 'b', effect: 'NoExecute' }],
    ],
    [
      'a heartbeat',
      `{status: {$setElementOrder/conditions: [{type: MemoryPressure}, {type: Ready}], conditions: [{type: Ready, lastHeartbeatTime: "2026-01-01T00:05:00Z"}]}}`,
      'status.conditions[1]',
      { type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:05:00Z' },
    ],
    ['another pod CIDR', `{spec: {podCIDRs: ["fd00::/64"]}}`, 'spec.podCIDRs', ['fd00::/64', '10.0.0.0/24']],
  ])('to a Node: %s', (_, patch, path, expected) => {
    expect(valueAt(patched(node(), patch), path)).toEqual(expected);
  });

  it('to a Service: a port by its number', () => {
    const result = patched(service(), `{spec: {ports: [{port: 80, nodePort: 30080}]}}`);
    expect(valueAt(result, 'spec.ports')).toEqual([
      { name: 'http', port: 80, targetPort: 'http', nodePort: 30_080 },
      { name: 'metrics', port: 9090 },
    ]);
  });

  it('to a StatefulSet: claim templates, which are replaced', () => {
    const result = patched(statefulSet(), `{spec: {volumeClaimTemplates: []}}`);
    expect(valueAt(result, 'spec.volumeClaimTemplates')).toEqual([]);
  });

  it('to anything: finalizers and owners', () => {
    const owned = {
      ...service(),
      metadata: { name: 'a', finalizers: ['x/a', 'x/b'], ownerReferences: [{ uid: '1' }, { uid: '2' }] },
    };
    const result = patched(
      owned,
      `{metadata: {$deleteFromPrimitiveList/finalizers: [x/a], ownerReferences: [{uid: "1", $patch: delete}]}}`,
    );
    expect(valueAt(result, 'metadata')).toEqual({ name: 'a', finalizers: ['x/b'], ownerReferences: [{ uid: '2' }] });
  });
});

describe('what kubectl sends otherwise', () => {
  it('label, as a merge patch', () => {
    const result = mergePatch(deployment(), { metadata: { labels: { tier: null, release: 'a' } } });
    expect(valueAt(result, 'metadata.labels')).toEqual({ app: 'shop', release: 'a' });
  });

  it('patch --type=json', () => {
    const result = jsonPatch(deployment(), [
      { op: 'test', path: '/spec/template/spec/containers/0/name', value: 'web' },
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'nginx:2' },
      { op: 'add', path: '/metadata/annotations/team.example.com~1owner', value: 'shop' },
      { op: 'remove', path: '/spec/template/spec/affinity' },
    ]);
    expect(valueAt(result, `${pod}.containers[0].image`)).toBe('nginx:2');
    expect(valueAt(result, 'metadata.annotations')).toEqual({ 'team.example.com/owner': 'shop' });
    expect(valueAt(result, pod)).not.toHaveProperty('affinity');
  });
});
