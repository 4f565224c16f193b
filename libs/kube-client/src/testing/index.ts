/** For tests of what talks to a Kubernetes API. */
export { FakeKubeApi } from './fake-kube-api.js';
