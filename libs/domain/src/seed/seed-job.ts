/** A Job of the seed system: one container with the seed's names for what it needs. */
import type { ClusterSelector, JobSpec, Requirement } from '@skyflow/contracts';
import { GPU_RESOURCE } from '../workloads/accelerators.js';
import type { FlagProblem, WorkloadFlags } from '../workloads/flags.js';
import { type Manifest, jobFromFlags } from '../workloads/workload-from-flags.js';
import { type SeedFields, isFields, pairsOf, scalarText } from './fields.js';

const KNOWN =
  'image, run, env (or envs), resources, ports, replicas, restartPolicy, imagePullPolicy, volumes and placement';

/** Where the flags that the job is made by are in the document. */
const FIELD_OF: Readonly<Record<string, string>> = {
  '--replicas': 'spec.replicas',
  '--cpus': 'spec.resources.cpus',
  '--gpus': 'spec.resources.gpus',
  '--memory': 'spec.resources.memory',
  '--disk': 'spec.resources.disk',
  '--accelerators': 'spec.resources',
  '--resources': 'spec.resources',
  '--envs': 'spec.env',
  '--ports': 'spec.ports',
  '--labels': 'metadata.labels',
  '--restart-policy': 'spec.restartPolicy',
};

export interface SeedMetadata {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export function seedJob(metadata: SeedMetadata, spec: SeedFields): object {
  const flags: WorkloadFlags = {
    name: metadata.name,
    namespace: metadata.namespace,
    labels: pairsOf(metadata.labels),
    ...defined('image', spec.text('image')),
    ...defined('run', nonEmpty(spec.text('run'))),
    ...defined('replicas', spec.text('replicas')),
    ...defined('restartPolicy', spec.text('restart_policy')),
    ...resourcesOf(spec.inside('resources')),
    ports: portsOf(spec),
  };
  const env = envOf(spec);
  const pullPolicy = spec.text('image_pull_policy');
  const { volumes, mounts } = volumesOf(spec.inside('volumes'));
  const placement = placementOf(spec.inside('placement'));
  spec.end(KNOWN);
  const result = jobFromFlags(flags);
  if (!result.ok) {
    spec.problems.push(...result.problems.map(fieldProblem));
    return {};
  }
  return withRest(result.object, { env, pullPolicy, volumes, mounts, placement }, metadata.annotations);
}

const fieldProblem = ({ flag, value, rule }: FlagProblem) => ({
  field: FIELD_OF[flag] ?? flag,
  message: `${JSON.stringify(value)}: ${rule}`,
});

interface Rest {
  env: readonly object[];
  pullPolicy: string | undefined;
  volumes: readonly object[];
  mounts: readonly object[];
  placement: JobSpec['placement'];
}

function withRest(
  job: Manifest<JobSpec>,
  { env, pullPolicy, volumes, mounts, placement }: Rest,
  annotations: Record<string, string>,
): object {
  const { template } = job.spec;
  const [container] = template.spec.containers;
  const whole = {
    ...container,
    ...(env.length > 0 ? { env } : {}),
    ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
  };
  const pod = { ...template.spec, containers: [whole], ...(volumes.length > 0 ? { volumes } : {}) };
  return {
    ...job,
    metadata: { ...job.metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...job.spec, template: { ...template, spec: pod }, ...(placement === undefined ? {} : { placement }) },
  };
}

/** cpus, gpus, memory and disk (a number counts MB), types of GPUs by their names, and any other resource of Kubernetes. */
function resourcesOf(resources: SeedFields): Partial<WorkloadFlags> {
  const flags: Partial<Record<'cpus' | 'gpus' | 'memory' | 'disk', string>> = {};
  for (const name of ['cpus', 'gpus', 'memory', 'disk'] as const) {
    const value = resources.text(name);
    if (value !== undefined) flags[name] = value;
  }
  const others = Object.entries(resources.rest()).filter(([, amount]) => amount !== '0');
  const types = others.filter(([name]) => !name.includes('/'));
  if (types.length > 1) {
    resources.problem(
      resources.path,
      `has several types of GPUs (${types.map(([name]) => name).join(', ')}); give one`,
    );
  }
  const [type] = types;
  return {
    ...flags,
    ...(type === undefined ? {} : { accelerators: `${type[0]}:${type[1]}` }),
    resources: others
      .filter(([name]) => name.includes('/') && name !== GPU_RESOURCE)
      .map(([key, value]) => ({ key, value })),
  };
}

/** Numbers, as in the seed, or as Kubernetes has them. */
const portsOf = (spec: SeedFields): string[] =>
  spec.list('ports').map((port) => {
    if (!isFields(port)) return String(port);
    const { containerPort, container_port: snake, protocol = 'TCP' } = port;
    return `${String(containerPort ?? snake)}/${String(protocol)}`;
  });

/** A map, or a list of `NAME=VALUE`, of maps of one, or of what Kubernetes has. */
function envOf(spec: SeedFields): object[] {
  const found = spec.value('envs', 'env');
  if (found === undefined) return [];
  if (isFields(found.value))
    return Object.entries(found.value).map(([name, value]) => ({ name, value: textOf(value) }));
  if (!Array.isArray(found.value)) {
    spec.problem(found.field, 'must be a map, or a list of NAME=VALUE or of name and value');
    return [];
  }
  return (found.value as readonly unknown[]).flatMap((item, index): object[] => {
    const field = `${found.field}[${index}]`;
    if (typeof item === 'string' && item.indexOf('=') > 0) {
      return [{ name: item.slice(0, item.indexOf('=')), value: item.slice(item.indexOf('=') + 1) }];
    }
    const entries = isFields(item) ? Object.entries(item) : [];
    if (isFields(item) && typeof item.name === 'string') {
      return ['valueFrom' in item ? item : { name: item.name, value: textOf(item.value) }];
    }
    const [only, ...more] = entries;
    if (only !== undefined && more.length === 0) return [{ name: only[0], value: textOf(only[1]) }];
    spec.problem(field, 'must be NAME=VALUE, NAME: VALUE, or name and value');
    return [];
  });
}

const textOf = (value: unknown): string => (value === null || value === undefined ? '' : scalarText(value));

function volumesOf(volumes: SeedFields): { volumes: object[]; mounts: object[] } {
  const list: object[] = [];
  const mounts: object[] = [];
  for (const [name, volume] of volumes.children()) {
    const container = volume.text('container_dir');
    const host = volume.text('host_dir');
    const type = volume.text('type');
    volume.end('container_dir, host_dir and type');
    if (container === undefined) volume.problem(volume.at('container_dir'), 'is required: where the container has it');
    if (host === undefined) {
      const message = 'is required: buckets are not mounted by SkyFlow; write a volume of Kubernetes in a pod template';
      volume.problem(volume.at('host_dir'), message);
    }
    list.push({ name, hostPath: { path: host, ...(type === undefined ? {} : { type }) } });
    mounts.push({ name, mountPath: container });
  }
  return { volumes: list, mounts };
}

function placementOf(placement: SeedFields): JobSpec['placement'] {
  const filters = placement.items('filters').map((filter) => {
    filter.text('name');
    const selector = selectorOf(filter);
    filter.end('name, match_labels and match_expressions');
    return selector;
  });
  const preferred = placement.items('preferences').map((preference) => {
    preference.text('name');
    const weight = Number(preference.text('weight') ?? 1);
    if (!Number.isInteger(weight) || weight < 1 || weight > 100) {
      preference.problem(preference.at('weight'), 'must be a whole number from 1 to 100');
    }
    const selector = selectorOf(preference);
    preference.end('name, weight, match_labels and match_expressions');
    return { weight, preference: selector };
  });
  placement.end('filters and preferences');
  if (filters.length + preferred.length === 0) return undefined;
  return {
    ...(filters.length > 0 ? { clusterSelector: conjunction(filters) } : {}),
    ...(preferred.length > 0 ? { clusterAffinity: { preferred } } : {}),
  };
}

function selectorOf(fields: SeedFields): ClusterSelector {
  const matchLabels = fields.map('match_labels');
  const matchExpressions = fields.items('match_expressions').map((expression): Requirement => {
    const [key, operator] = [expression.text('key') ?? '', expression.text('operator') ?? ''];
    const values = expression.texts('values');
    expression.end('key, operator and values');
    if (operator !== 'In' && operator !== 'NotIn') expression.problem(expression.at('operator'), 'must be In or NotIn');
    return { key, operator: operator === 'NotIn' ? 'NotIn' : 'In', values };
  });
  return {
    ...(Object.keys(matchLabels).length > 0 ? { matchLabels } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
}

/** All of them must hold; as expressions, since two may ask for the same label. */
function conjunction(selectors: readonly ClusterSelector[]): ClusterSelector {
  const [only, ...more] = selectors;
  if (only !== undefined && more.length === 0) return only;
  return {
    matchExpressions: selectors.flatMap(({ matchLabels = {}, matchExpressions = [] }) => [
      ...Object.entries(matchLabels).map(([key, value]): Requirement => ({ key, operator: 'In', values: [value] })),
      ...matchExpressions,
    ]),
  };
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

const defined = <K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, string>>;
