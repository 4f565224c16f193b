/** Namespaces whose pods belong to a cluster itself: of Kubernetes, of what the drivers install, and of SkyFlow. */
const SYSTEM = new Set(['ingress-nginx', 'skyflow-system', 'calico-system', 'calico-apiserver', 'tigera-operator']);
const PREFIXES = ['kube-', 'cattle-'];

export const isSystemNamespace = (name: string): boolean =>
  SYSTEM.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
