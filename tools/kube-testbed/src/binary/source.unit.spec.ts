import { describe, expect, it } from '@jest/globals';
import { kubernetesVersion, readSource, versionFlags } from './source.js';

describe('the Go module of the testbed', () => {
  it('says which Kubernetes it pins', () => {
    expect(kubernetesVersion('module x\n\nrequire (\n\tk8s.io/kubernetes v1.36.3\n)\n')).toBe('v1.36.3');
  });

  it('must pin a released one', () => {
    expect(() => kubernetesVersion('require k8s.io/api v0.36.3')).toThrow('k8s.io/kubernetes');
  });

  it('links the version that it pins into both packages that tell it', () => {
    const flags = versionFlags('v1.36.3');
    expect(flags).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3');
    expect(flags).toContain('-X k8s.io/client-go/pkg/version.gitMinor=36');
  });

  it('has the same hash as long as it is the same', () => {
    expect(readSource()).toEqual(readSource());
    expect(readSource().hash).toMatch(/^[0-9a-f]{12}$/);
  });
});
