import { describe, expect, it } from '@jest/globals';
import type { Pod } from '@skyflow/embedded-cluster';
import { referencesOf } from './pod-references.js';

describe('what a pod refers to', () => {
  it('is named by volumes, variables and whole environments, of init containers too, once each', () => {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        volumes: [
          { name: 'a', configMap: { name: 'files' } },
          { name: 'b', secret: { secretName: 'keys' } },
          { name: 'c', emptyDir: {} },
        ],
        initContainers: [
          { name: 'init', envFrom: [{ configMapRef: { name: 'all' } }, { secretRef: { name: 'keys' } }] },
        ],
        containers: [
          {
            name: 'main',
            env: [
              { name: 'X', value: 'x' },
              { name: 'Y', valueFrom: { configMapKeyRef: { name: 'files', key: 'y' } } },
              { name: 'Z', valueFrom: { secretKeyRef: { name: 'login', key: 'z' } } },
            ],
          },
        ],
      },
    };
    expect(
      referencesOf(pod)
        .map(({ kind, name }) => `${kind}/${name}`)
        .sort(),
    ).toEqual(['ConfigMap/all', 'ConfigMap/files', 'Secret/keys', 'Secret/login']);
  });
});
