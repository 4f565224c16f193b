/** A real kubectl on every machine: for tests, for the e2e suite, and for people (`npx kubectl`). */
export { helmPath, kubectlPath, KubectlNotFoundError, type KubectlOptions } from './kubectl-path.js';
export { runKubectl, type KubectlResult, type RunOptions } from './run-kubectl.js';
export { kubeconfigList } from './kubeconfig-list.js';
