import { describe, expect, it } from '@jest/globals';
import type { Container, Pod } from '../model/pod.js';
import { commandLine, ContainerConfigError, containerEnv, type EnvSources, expand } from './container-env.js';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'team', uid: 'u', labels: { app: 'web' }, annotations: { 'a/b': 'c' } },
  spec: { nodeName: 'n', containers: [] },
};
const sources: EnvSources = {
  configMap: (name) => (name === 'settings' ? { colour: 'red', size: 'big' } : undefined),
  secret: (name) => (name === 'login' ? { password: 'sesame' } : undefined),
  podIP: '127.9.0.1',
  hostIP: '10.0.0.2',
  nodeAllocatable: { cpu: '4', memory: '8Gi' },
};
const env = (container: Partial<Container>): Record<string, string> =>
  containerEnv(pod, { name: 'c', ...container }, sources);

describe('the environment of a container', () => {
  it('takes whole config maps, with a prefix, and lets env win over them', () => {
    const envFrom = [{ prefix: 'X_', configMapRef: { name: 'settings' } }];
    expect(env({ envFrom, env: [{ name: 'X_size', value: 'small' }] })).toEqual({ X_colour: 'red', X_size: 'small' });
  });

  it('tells a pod about itself', () => {
    const field = (fieldPath: string) => ({ name: fieldPath, valueFrom: { fieldRef: { fieldPath } } });
    const fields = [
      'metadata.name',
      'metadata.namespace',
      'status.podIP',
      'status.hostIP',
      'spec.nodeName',
      "metadata.labels['app']",
      "metadata.annotations['a/b']",
    ];
    expect(Object.values(env({ env: fields.map(field) }))).toEqual([
      'p',
      'team',
      '127.9.0.1',
      '10.0.0.2',
      'n',
      'web',
      'c',
    ]);
  });

  it('gives limits in the divisor asked for, rounded up, and those of the node where there are none', () => {
    const resource = (name: string, divisor: string) => ({
      name: `${name}/${divisor}`,
      valueFrom: { resourceFieldRef: { resource: name, divisor } },
    });
    const asked = [resource('limits.cpu', '1'), resource('limits.cpu', '1m'), resource('limits.memory', '1Mi')];
    expect(Object.values(env({ env: asked, resources: { limits: { cpu: '1500m' } } }))).toEqual(['2', '1500', '8192']);
  });

  it('refuses what is missing unless it is optional', () => {
    const from = (name: string, key: string, optional: boolean) => ({
      env: [{ name: 'X', valueFrom: { configMapKeyRef: { name, key, optional } } }],
    });
    expect(() => env(from('nope', 'k', false))).toThrow(new ContainerConfigError('configmap "nope" not found'));
    expect(() => env(from('settings', 'k', false))).toThrow("couldn't find key k in ConfigMap team/settings");
    expect(env(from('nope', 'k', true))).toEqual({});
  });

  it('expands what came before, leaves what is unknown, and makes one dollar of two', () => {
    const variables = [
      { name: 'A', value: 'one' },
      { name: 'B', value: '$(A) $(Z) $$(A) $A' },
    ];
    expect(env({ env: variables })['B']).toBe('one $(Z) $(A) $A');
    expect(expand('no variables', {})).toBe('no variables');
  });

  it('makes the command line, or none where the image would say it', () => {
    expect(commandLine({ name: 'c', command: ['echo', '$(A)'], args: ['x'] }, { A: 'b' })).toEqual(['echo', 'b', 'x']);
    expect(commandLine({ name: 'c', args: ['x'] }, {})).toBeUndefined();
  });
});
