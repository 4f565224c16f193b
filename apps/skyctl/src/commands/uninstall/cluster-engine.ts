/** What `uninstall` needs of a Kubernetes client: a bundle of its own (build.mjs), loaded by no other command. */
export { takeInventory } from './cluster-inventory.js';
export { removePlanned } from './cluster-removal.js';
export { KubeApiError, KubeClient, KubeConfigError, connectionOf, loadKubeConfig } from '@skyflow/kube-client';
