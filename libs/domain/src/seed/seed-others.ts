/** The seed system's other kinds. */
import { clusterNameOf } from '../workloads/cluster-from-flags.js';
import type { SeedFields } from './fields.js';
import type { SeedMetadata } from './seed-job.js';

const SKYFLOW = 'skyflow.io/v1';

export function seedCluster({ name, labels, annotations }: SeedMetadata, spec: SeedFields): object {
  const manager = spec.text('manager') ?? 'k8';
  if (!['k8', 'k8s', 'kubernetes'].includes(manager)) {
    spec.problem(spec.at('manager'), `${JSON.stringify(manager)}: must be k8 (also written k8s or kubernetes)`);
  }
  const [kubeconfig, provider, region] = [spec.text('config_path'), spec.text('cloud'), spec.text('region')];
  const provisioned = spec.text('provision') === 'true' || spec.text('attached') === 'false';
  const machines = ['cpus', 'memory', 'disk_size', 'accelerators', 'num_nodes'].filter(
    (each) => spec.text(each) !== undefined,
  );
  if (provisioned || machines.length > 0 || spec.texts('ports').length > 0) {
    spec.problem(
      spec.at(provisioned ? 'provision' : (machines[0] ?? 'ports')),
      'asks for a cluster that is yet to be made; a document of this form adds one that is there, by its context',
    );
  }
  spec.end('manager, config_path, cloud and region');
  return {
    apiVersion: SKYFLOW,
    kind: 'Cluster',
    metadata: metadataOf({ name: clusterNameOf(name), namespace: '', labels, annotations }, false),
    spec: {
      manager: 'k8',
      context: name,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(provider === undefined ? {} : { provider }),
      ...(region === undefined ? {} : { region }),
    },
  };
}

export function seedService(metadata: SeedMetadata, spec: SeedFields): object {
  const type = spec.text('type') ?? 'ClusterIP';
  const selector = spec.map('selector');
  const cluster = spec.text('primary_cluster') ?? 'auto';
  const clusterIP = spec.text('cluster_ip') ?? '';
  if (clusterIP !== '') spec.problem(spec.at('cluster_ip'), 'cannot be chosen: the cluster gives it; leave it out');
  const items = spec.items('ports');
  const ports = items.map((item) => {
    const [port, target, protocol] = [item.text('port'), item.text('target_port'), item.text('protocol')];
    const nodePort = item.text('node_port');
    if (nodePort !== undefined)
      item.problem(item.at('node_port'), 'cannot be chosen: the cluster gives it; leave it out');
    if (port === undefined) item.problem(item.at('port'), 'is required');
    item.end('port, target_port and protocol');
    return {
      ...(items.length > 1 ? { name: `p${port ?? ''}` } : {}),
      port: Number(port),
      targetPort: target !== undefined && /^\d+$/.test(target) ? Number(target) : (target ?? Number(port)),
      ...(protocol === undefined ? {} : { protocol }),
    };
  });
  spec.end('type, selector, ports and primary_cluster');
  return {
    apiVersion: SKYFLOW,
    kind: 'Service',
    metadata: metadataOf(metadata, true),
    spec: { cluster, type, selector, ports },
  };
}

export function seedNamespace(metadata: SeedMetadata, spec: SeedFields): object {
  spec.end('none');
  return { apiVersion: 'v1', kind: 'Namespace', metadata: metadataOf(metadata, false) };
}

export function seedFilterPolicy(metadata: SeedMetadata, spec: SeedFields): object {
  const filter = spec.inside('cluster_filter');
  const [clusters, excludeClusters] = [filter.texts('include'), filter.texts('exclude')];
  filter.end('include and exclude');
  const matchLabels = spec.map('labels_selector');
  spec.end('cluster_filter and labels_selector');
  return {
    apiVersion: SKYFLOW,
    kind: 'PlacementPolicy',
    metadata: metadataOf(metadata, true),
    spec: {
      ...(Object.keys(matchLabels).length > 0 ? { workloadSelector: { matchLabels } } : {}),
      ...(clusters.length > 0 ? { clusters } : {}),
      ...(excludeClusters.length > 0 ? { excludeClusters } : {}),
    },
  };
}

/** Kinds that have other names here. */
const KIND_WORDS: Readonly<Record<string, string>> = { filterpolicies: 'placementpolicies', user: 'users' };

/** A role with its users: here a Role and, where there are users, a RoleBinding. */
export function seedRole(metadata: SeedMetadata, namespaces: readonly string[], document: SeedFields): object[] {
  const rules = document.items('rules').map((rule) => {
    rule.text('name');
    const [kinds, verbs] = [rule.texts('resources'), rule.texts('actions')];
    rule.end('name, resources and actions');
    return {
      verbs,
      kinds: kinds.map((kind) => KIND_WORDS[kind] ?? kind),
      ...(namespaces.length > 0 && !namespaces.includes('*') ? { namespaces: [...namespaces] } : {}),
    };
  });
  const users = document.texts('users');
  const head = metadataOf(metadata, false);
  const role = { apiVersion: SKYFLOW, kind: 'Role', metadata: head, rules };
  if (users.length === 0) return [role];
  const binding = {
    apiVersion: SKYFLOW,
    kind: 'RoleBinding',
    metadata: head,
    roleRef: { kind: 'Role', name: metadata.name },
    subjects: users.map((name) => ({ kind: 'User', name })),
  };
  return [role, binding];
}

const metadataOf = ({ name, namespace, labels, annotations }: SeedMetadata, namespaced: boolean): object => ({
  name,
  ...(namespaced ? { namespace } : {}),
  ...(Object.keys(labels).length > 0 ? { labels } : {}),
  ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
});
