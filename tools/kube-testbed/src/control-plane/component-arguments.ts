/** How each component is called: as kubeadm calls it where that matters for what clients see, sparing where it does not. Pure. */
import type { ClusterFiles } from './cluster-files.js';

/** In the order in which they start. */
export const COMPONENTS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

export interface Ports {
  api: number;
  etcdClient: number;
  etcdPeer: number;
}

/** @param hasClientAuthorities whether clients may show certificates */
export function componentArguments(
  name: ComponentName,
  files: ClusterFiles,
  ports: Ports,
  hasClientAuthorities = false,
): string[] {
  const certificates = hasClientAuthorities ? { 'client-ca-file': files.clientAuthorities } : {};
  const options = { ...optionsOf(name, files, ports), ...(name === 'kube-apiserver' ? certificates : {}) };
  return Object.entries(options).map(([option, value]) => `--${option}=${value}`);
}

function optionsOf(name: ComponentName, files: ClusterFiles, ports: Ports): Record<string, string | number> {
  const etcdUrl = `http://127.0.0.1:${ports.etcdClient}`;
  switch (name) {
    case 'etcd':
      return {
        'data-dir': files.etcd,
        'listen-client-url': etcdUrl,
        'listen-peer-url': `http://127.0.0.1:${ports.etcdPeer}`,
        'unsafe-no-fsync': 'true',
      };
    case 'kube-apiserver':
      return {
        'etcd-servers': etcdUrl,
        'bind-address': '127.0.0.1',
        'advertise-address': '127.0.0.1',
        'secure-port': ports.api,
        'tls-cert-file': files.servingCertificate,
        'tls-private-key-file': files.servingKey,
        'token-auth-file': files.tokenFile,
        'authorization-mode': 'Node,RBAC',
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': files.serviceAccountKey,
        'service-account-signing-key-file': files.serviceAccountKey,
        'service-cluster-ip-range': '10.96.0.0/16',
        'kubelet-client-certificate': files.kubeletClientCertificate,
        'kubelet-client-key': files.kubeletClientKey,
        // Their names are in no DNS.
        'kubelet-preferred-address-types': 'InternalIP',
        // A loopback address may not be an endpoint: the Service "kubernetes" stays without any.
        'endpoint-reconciler-type': 'none',
        // As kubeadm has it: what is privileged is for admission to say.
        'allow-privileged': 'true',
        profiling: 'false',
        v: 1,
      };
    case 'kube-controller-manager':
      return {
        kubeconfig: files.controllerManagerKubeconfig,
        'service-account-private-key-file': files.serviceAccountKey,
        'root-ca-file': files.servingAuthority,
        'use-service-account-credentials': 'true',
        // It starts each controller with an account of its own, and would wait for its turn half of the time until pods are admitted.
        'kube-api-qps': 1_000,
        'kube-api-burst': 1_000,
        'leader-elect': 'false',
        'secure-port': 0,
        profiling: 'false',
        v: 1,
      };
    case 'kube-scheduler':
      return {
        kubeconfig: files.schedulerKubeconfig,
        'leader-elect': 'false',
        'secure-port': 0,
        profiling: 'false',
        v: 1,
      };
  }
}
