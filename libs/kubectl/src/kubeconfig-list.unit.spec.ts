import { describe, expect, it } from '@jest/globals';
import { kubeconfigList } from './kubeconfig-list.js';

describe('the kubeconfigs of npx kubectl', () => {
  it('are the own of the user, whose current context stays, then those of the instance', () => {
    expect(kubeconfigList({}, '/home/ada')).toBe(
      '/home/ada/.kube/config:/home/ada/.skyflow/kubeconfig:/home/ada/.skyflow/skyflow.kubeconfig',
    );
    expect(kubeconfigList({ SKYFLOW_HOME: '/srv/b' }, '/home/ada')).toBe(
      '/home/ada/.kube/config:/srv/b/kubeconfig:/srv/b/skyflow.kubeconfig',
    );
  });

  it('are what KUBECONFIG says, if it says anything', () => {
    expect(kubeconfigList({ KUBECONFIG: '/etc/mine', SKYFLOW_HOME: '/srv/b' }, '/home/ada')).toBe('/etc/mine');
    expect(kubeconfigList({ KUBECONFIG: '' }, '/home/ada')).toMatch(/skyflow/);
  });
});
