import { describe, expect, it } from '@jest/globals';
import { findUnknownFields, prune, SchemaSet, unknownFields, validate } from '@skyflow/apimachinery';
import { nativeSchemas } from './native-schemas.js';
import {
  deployment,
  indexedJob,
  others,
  schemaOf,
  service,
  statefulSet,
  withValueAt,
  type Manifest,
} from './testing/index.js';

const set = new SchemaSet(nativeSchemas());

const causesOf = (manifest: Manifest): string[] =>
  validate(manifest, schemaOf(manifest), set).map(({ field, message }) => `${field ?? ''}: ${message}`);

const manifests = [deployment(), indexedJob(), statefulSet(), service(), ...others()].map(
  (manifest) => [manifest.kind, manifest] as const,
);

describe('a manifest that Kubernetes takes', () => {
  it.each(manifests)('%s is valid as it stands', (_, manifest) => {
    expect(unknownFields(manifest, schemaOf(manifest), set)).toEqual([]);
    expect(causesOf(manifest)).toEqual([]);
  });

  it.each(manifests)('%s loses nothing by pruning but nulls, and has its quantities as text', (_, manifest) => {
    const pruned = structuredClone(manifest);
    prune(pruned, schemaOf(manifest), set);
    expect(decoded(pruned)).toEqual(decoded(manifest));
    expect(JSON.stringify(pruned)).not.toContain('null');
  });
});

/** Without nulls, numbers as text. */
function decoded(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, decoded(field)]),
  );
}

describe('a slip in a Deployment', () => {
  const pod = 'spec.template.spec';

  it.each([
    ['spec.replicsa', 'replicas'],
    [`${pod}.contianers`, 'containers'],
    [`${pod}.containers[1].imagePullpolicy`, 'imagePullPolicy'],
    [`${pod}.containers[0].volumeMounts[1].mountpath`, 'mountPath'],
    [`${pod}.containers[0].resources.request`, 'requests'],
    [`${pod}.zzz`, undefined],
  ])('%s is found, and %s suggested', (path, closestField) => {
    const manifest = withValueAt(deployment(), path, 1);
    const found = findUnknownFields(manifest, schemaOf(manifest), set);
    expect(found).toEqual([closestField === undefined ? { path } : { path, closestField }]);
  });

  it.each([
    ['spec.replicas', '3', 'Invalid value: "3": must be an integer; write 3 without quotes'],
    ['spec.replicas', -1, 'Invalid value: -1: must be greater than or equal to 0'],
    ['spec.selector', undefined, 'Required value'],
    ['spec.strategy.type', 'Rolling', 'Unsupported value: "Rolling": supported values: "RollingUpdate", "Recreate"'],
    [`${pod}.containers`, [], 'Required value: must have at least 1 item'],
    [
      `${pod}.containers`,
      { web: {} },
      'Invalid value: {…}: must be a list, not an object; put "- " before its first field',
    ],
    [`${pod}.containers[1].name`, undefined, 'Required value'],
    [`${pod}.containers[1].name`, '', 'Required value: must not be empty'],
    [`${pod}.containers[0].env[0].value`, 8080, 'Invalid value: 8080: must be a string; write "8080" in quotes'],
    [
      `${pod}.containers[0].ports[1].containerPort`,
      70_000,
      'Invalid value: 70000: must be between 1 and 65535, inclusive',
    ],
    [
      `${pod}.containers[0].ports[1].protocol`,
      'tcp',
      'Unsupported value: "tcp": supported values: "TCP", "UDP", "SCTP"',
    ],
    [
      `${pod}.containers[0].resources.requests.memory`,
      '1 GB',
      'Invalid value: "1 GB": must be a quantity such as 500m, 1.5, 128Mi or 2Gi',
    ],
    [
      `${pod}.containers[0].resources.limits.cpu`,
      true,
      'Invalid value: true: must be a quantity such as 500m, 1.5, 128Mi or 2Gi',
    ],
    [
      `${pod}.containers[0].imagePullPolicy`,
      'Sometimes',
      'Unsupported value: "Sometimes": supported values: "Always", "Never", "IfNotPresent"',
    ],
    [
      `${pod}.containers[0].readinessProbe.httpGet.port`,
      80.5,
      'Invalid value: 80.5: must be an integer or a string such as 25%',
    ],
    [`${pod}.volumes[0].configMap.defaultMode`, 1000, 'Invalid value: 1000: must be between 0 and 511, inclusive'],
    ['spec.template.metadata.labels.version', 2, 'Invalid value: 2: must be a string; write "2" in quotes'],
  ])('%s = %j is explained', (path, value, message) => {
    expect(causesOf(withValueAt(deployment(), path, value))).toEqual([`${path}: ${message}`]);
  });

  it.each([
    [`${pod}.containers[0].name`, 'Web_1', /must be a lowercase RFC 1123 label/],
    [`${pod}.containers[0].ports[0].name`, 'a-port-with-a-long-name', /must be a port name: at most 15/],
    [`${pod}.containers[0].env[0].name`, 'A=B', /must be printable ASCII without '='/],
  ])('%s = %j breaks a rule of names, which is said', (path, value, rule) => {
    const causes = causesOf(withValueAt(deployment(), path, value));
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatch(rule);
    expect(causes[0]).toContain(path);
  });
});
