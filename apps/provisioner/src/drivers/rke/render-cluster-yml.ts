/** cluster.yml of a cluster. Equal clusters give equal text. */
import { stringify } from 'yaml';
import { ProvisionError } from '../../provision-error.js';
import type { DriverCluster, DriverNode } from '../cluster-driver.js';
import { bastionOf } from '../static/bastion.js';
import { type ClusterYml, clusterYmlSchema } from './cluster-schema.js';

/** RKE gives up on an add-on's job after 45 s, which slow registries do not meet (rke#2730). */
const ADDON_TIMEOUT_S = 300;
/** Of the service range, as everywhere in Kubernetes. */
const DNS_HOST = 10;

/** @throws ProvisionError of class config where the schema refuses what was made of the spec. */
export function renderClusterYml(cluster: DriverCluster): string {
  const result = clusterYmlSchema.safeParse(clusterYml(cluster));
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new ProvisionError('config', `cluster.yml: ${where}: ${issue?.message ?? ''}`, 'change spec.provision');
  }
  return stringify(result.data, { lineWidth: 0, singleQuote: true });
}

function clusterYml({ name, spec, kubernetesVersion, podCidr, serviceCidr, nodes }: DriverCluster): ClusterYml {
  const bastion = bastionOf(spec);
  return {
    cluster_name: name,
    ...(kubernetesVersion === undefined ? {} : { kubernetes_version: kubernetesVersion }),
    nodes: nodes.map(nodeYml),
    services: {
      'kube-api': { service_cluster_ip_range: serviceCidr },
      'kube-controller': { cluster_cidr: podCidr, service_cluster_ip_range: serviceCidr },
      kubelet: { cluster_dns_server: hostIn(serviceCidr, DNS_HOST) },
    },
    network: { plugin: 'canal' },
    authentication: { strategy: 'x509', sans: sansOf(nodes) },
    addon_job_timeout: ADDON_TIMEOUT_S,
    ...(bastion === undefined
      ? {}
      : {
          bastion_host: {
            address: bastion.address,
            port: String(bastion.port),
            user: bastion.user,
            ssh_key_path: bastion.keyPath,
            ignore_proxy_env_vars: true,
          },
        }),
  };
}

const nodeYml = (node: DriverNode): ClusterYml['nodes'][number] => ({
  address: node.address,
  port: String(node.port),
  ...(node.internalAddress === undefined ? {} : { internal_address: node.internalAddress }),
  role: [...node.roles],
  hostname_override: node.name,
  user: node.user,
  ssh_key_path: node.keyPath,
  ...(node.dockerSocket === undefined ? {} : { docker_socket: node.dockerSocket }),
  ...(Object.keys(node.labels).length === 0 ? {} : { labels: { ...node.labels } }),
});

/** Every way to a control plane must be in its certificate, or the kubeconfig cannot name it. */
const sansOf = (nodes: readonly DriverNode[]): string[] => [
  ...new Set(
    nodes
      .filter(({ roles }) => roles.includes('controlplane'))
      .flatMap(({ address, internalAddress }) => [
        address,
        ...(internalAddress === undefined ? [] : [internalAddress]),
      ]),
  ),
];

/** The nth address of a range. */
function hostIn(cidr: string, number: number): string {
  const [address = ''] = cidr.split('/');
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + number;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
