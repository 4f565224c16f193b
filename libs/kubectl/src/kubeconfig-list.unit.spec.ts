import { describe, expect, it } from '@jest/globals';
import { kubeconfigList } from './kubeconfig-list.js';

describe('the kubeconfigs of npx kubectl', () => {
  it('are those of the instance, then the own of the user', () => {
    expect(kubeconfigList({}, '/home/ada')).toBe(
      '/home/ada/.skyflow/kubeconfig:/home/ada/.skyflow/skyflow.kubeconfig:/home/ada/.kube/config',
    );
    expect(kubeconfigList({ SKYFLOW_HOME: '/srv/b' }, '/home/ada')).toBe(
      '/srv/b/kubeconfig:/srv/b/skyflow.kubeconfig:/home/ada/.kube/config',
    );
  });

  it('are what KUBECONFIG says, if it says anything', () => {
    expect(kubeconfigList({ KUBECONFIG: '/etc/mine', SKYFLOW_HOME: '/srv/b' }, '/home/ada')).toBe('/etc/mine');
    expect(kubeconfigList({ KUBECONFIG: '' }, '/home/ada')).toMatch(/skyflow/);
  });
});
