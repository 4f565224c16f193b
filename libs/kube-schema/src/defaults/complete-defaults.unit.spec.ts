import { describe, expect, it } from '@jest/globals';
import { applyDefaults, prune, SchemaSet, unknownFields, validate } from '@skyflow/apimachinery';
import { nativeSchemas } from '../native-schemas.js';
import {
  deployment,
  indexedJob,
  others,
  schemaOf,
  service,
  statefulSet,
  valueAt,
  withValueAt,
  type Manifest,
} from '../testing/index.js';
import { completeDefaults } from './complete-defaults.js';

const set = new SchemaSet(nativeSchemas());

/** As the API server does it: prune, defaults of the schema, defaults that depend. */
function defaulted(manifest: Manifest): Manifest {
  prune(manifest, schemaOf(manifest), set);
  applyDefaults(manifest, schemaOf(manifest), set);
  completeDefaults(manifest);
  return manifest;
}

const object = (apiVersion: string, kind: string, spec: unknown): Manifest => ({
  apiVersion,
  kind,
  metadata: { name: 'a' },
  spec,
});

const other = (kind: string): Manifest => {
  const found = others().find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`no manifest of kind ${kind}`);
  return found;
};

const manifests = [deployment(), indexedJob(), statefulSet(), service(), ...others()].map(
  (manifest) => [manifest.kind, manifest] as const,
);

describe('defaults', () => {
  it.each(manifests)('of a %s leave it valid, and are final', (_, manifest) => {
    const once = defaulted(structuredClone(manifest));
    expect(validate(once, schemaOf(once), set)).toEqual([]);
    expect(unknownFields(once, schemaOf(once), set)).toEqual([]);
    expect(defaulted(structuredClone(once))).toEqual(once);
  });

  it('never throw on values of wrong types', () => {
    for (const spec of [
      null,
      'x',
      [],
      { template: 1 },
      { template: { spec: { containers: [null, 1], volumes: {} } } },
    ]) {
      for (const [kind, { apiVersion }] of manifests) {
        expect(() => completeDefaults(object(apiVersion, kind, spec))).not.toThrow();
      }
    }
  });
});

describe('defaults are those of the API server', () => {
  const template = {
    metadata: { labels: { a: 'b' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x:1' }] },
  };

  it('for a Deployment', () => {
    const containers = [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }] }];
    const given = { selector: { matchLabels: { a: 'b' } }, template: { ...template, spec: { containers } } };
    expect(defaulted(object('apps/v1', 'Deployment', structuredClone(given))).spec).toEqual({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      selector: { matchLabels: { a: 'b' } },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: {
          containers: [
            {
              name: 'c',
              image: 'nginx',
              imagePullPolicy: 'Always',
              ports: [{ containerPort: 80, protocol: 'TCP' }],
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          dnsPolicy: 'ClusterFirst',
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    });
  });

  it('for a Deployment whose strategy is Recreate', () => {
    const manifest = withValueAt(deployment(), 'spec.strategy', { type: 'Recreate' });
    expect(defaulted(manifest).spec).toHaveProperty('strategy', { type: 'Recreate' });
  });

  it.each([
    [
      'containers[0].startupProbe',
      {
        httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
        failureThreshold: 30,
        periodSeconds: 10,
        successThreshold: 1,
        timeoutSeconds: 1,
      },
    ],
    ['containers[1].livenessProbe.grpc', { port: 9090, service: '' }],
    ['containers[0].env[1].valueFrom.fieldRef', { apiVersion: 'v1', fieldPath: 'status.podIP' }],
    ['containers[0].env[2].valueFrom.resourceFieldRef', { containerName: 'web', resource: 'limits.cpu', divisor: '0' }],
    ['volumes[0].configMap.defaultMode', 0o644],
    ['volumes[2]', { name: 'scratch', emptyDir: {} }],
    ['volumes[3].projected.sources[0].serviceAccountToken.expirationSeconds', 3600],
    ['serviceAccount', 'shop'],
  ])('for %s of a pod template', (path, expected) => {
    expect(valueAt(defaulted(deployment()), `spec.template.spec.${path}`)).toEqual(expected);
  });

  it('for a probe period of zero, which Go calls absent', () => {
    const path = 'spec.template.spec.containers[0].readinessProbe.periodSeconds';
    expect(valueAt(defaulted(withValueAt(deployment(), path, 0)), path)).toBe(10);
  });

  it('for a DaemonSet on the host network', () => {
    const { spec } = defaulted(other('DaemonSet'));
    expect(valueAt(spec, 'updateStrategy')).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
    });
    // Of a pod, not of a template: DefaultHostNetworkHostPortsInPodTemplates is off since 1.28.
    expect(valueAt(spec, 'template.spec.containers[0].ports[0].hostPort')).toBeUndefined();
  });

  it('for a StatefulSet', () => {
    const { spec } = defaulted(statefulSet());
    expect(spec).toMatchObject({
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        { kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
      ],
    });
  });

  it.each([
    [{}, { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false }],
    [{}, { podReplacementPolicy: 'TerminatingOrFailed', manualSelector: false }],
    [{ completions: 5 }, { completions: 5, parallelism: 1, backoffLimit: 6 }],
    [
      { completions: 5, backoffLimitPerIndex: 1 },
      { parallelism: 1, backoffLimit: 2_147_483_647 },
    ],
    [{ podFailurePolicy: { rules: [] } }, { podReplacementPolicy: 'Failed' }],
  ])('for a Job with %j', (given, expected) => {
    const job = defaulted(object('batch/v1', 'Job', { ...given, template: structuredClone(template) }));
    expect(job.spec).toMatchObject(expected);
    expect(job.metadata).toEqual({ name: 'a', labels: { a: 'b' } });
  });

  it('for a Job that is a work queue: parallelism alone gives no completions', () => {
    const job = defaulted(object('batch/v1', 'Job', { parallelism: 3, template: structuredClone(template) }));
    expect(job.spec).not.toHaveProperty('completions');
  });

  it('for a CronJob, whose Job is left to the time it is made', () => {
    const { spec } = defaulted(other('CronJob'));
    expect(spec).toMatchObject({ suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    expect(Object.keys(valueAt(spec, 'jobTemplate.spec') as object)).toEqual(['template']);
    expect(valueAt(spec, 'jobTemplate.spec.template.spec.containers[0].imagePullPolicy')).toBe('Always');
  });

  it.each([
    [{}, { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' }],
    [{ type: 'NodePort' }, { externalTrafficPolicy: 'Cluster' }],
    [{ type: 'LoadBalancer' }, { externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true }],
    [{ sessionAffinity: 'ClientIP' }, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }],
  ])('for a Service with %j', (given, expected) => {
    const { spec } = defaulted(object('v1', 'Service', { ports: [{ port: 80 }], ...given }));
    expect(spec).toMatchObject({ ...expected, ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['registry:5000/nginx', 'Always'],
    ['registry:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:00', 'IfNotPresent'],
  ])('for a Pod of %s: pull %s, and request what is limited', (image, imagePullPolicy) => {
    const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } };
    const container = { name: 'c', image, imagePullPolicy: '', resources };
    const { spec } = defaulted(object('v1', 'Pod', { containers: [container] }));
    expect(valueAt(spec, 'containers[0].imagePullPolicy')).toBe(imagePullPolicy);
    expect(valueAt(spec, 'containers[0].resources.requests')).toEqual({ cpu: '500m', memory: '1Gi' });
    expect(spec).toHaveProperty('enableServiceLinks', true);
  });

  it('for a Secret: the plain text goes into its data', () => {
    const secret = defaulted(other('Secret'));
    expect(secret.data).toEqual({ 'tls.crt': 'YQ==', 'tls.key': 'aw==' });
    expect(secret).not.toHaveProperty('stringData');
  });

  it.each([
    ['Namespace', 'metadata.labels', { 'kubernetes.io/metadata.name': 'team-a' }],
    ['NetworkPolicy', 'spec.policyTypes', ['Ingress', 'Egress']],
    ['RoleBinding', 'subjects[0].apiGroup', 'rbac.authorization.k8s.io'],
    ['RoleBinding', 'subjects[1].apiGroup', undefined],
    ['RoleBinding', 'roleRef.apiGroup', 'rbac.authorization.k8s.io'],
  ])('for a %s: %s is %j', (kind, path, expected) => {
    expect(valueAt(defaulted(other(kind)), path)).toEqual(expected);
  });
});
