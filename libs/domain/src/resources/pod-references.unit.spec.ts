import { describe, expect, it } from '@jest/globals';
import { podReferences } from './pod-references.js';

const named = (pod: Record<string, unknown>): string[] =>
  podReferences(pod).map(({ kind, name, optional }) => `${kind}/${name}${optional ? '?' : ''}`);

describe('the references of a pod', () => {
  it('are found wherever a pod template may name an object', () => {
    const pod = {
      serviceAccountName: 'runner',
      priorityClassName: 'urgent',
      runtimeClassName: 'gvisor',
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [
        { name: 'a', configMap: { name: 'files', optional: true } },
        { name: 'b', secret: { secretName: 'tls' } },
        { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
        { name: 'd', projected: { sources: [{ secret: { name: 'token' } }, { configMap: { name: 'ca' } }] } },
        { name: 'e', csi: { driver: 'x', nodePublishSecretRef: { name: 'csi' } } },
        { name: 'f', azureFile: { secretName: 'azure', shareName: 's' } },
      ],
      initContainers: [{ name: 'i', envFrom: [{ configMapRef: { name: 'init' } }] }],
      containers: [
        {
          name: 'm',
          env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'p', optional: true } } }, { name: 'Q' }],
          envFrom: [{ secretRef: { name: 'env' } }],
        },
      ],
    };
    expect(named(pod).sort()).toEqual([
      'ConfigMap/ca',
      'ConfigMap/files?',
      'ConfigMap/init',
      'PersistentVolumeClaim/data',
      'PriorityClass/urgent',
      'RuntimeClass/gvisor',
      'Secret/azure',
      'Secret/csi',
      'Secret/db?',
      'Secret/env',
      'Secret/registry',
      'Secret/tls',
      'Secret/token',
      'ServiceAccount/runner',
    ]);
  });

  it('are none of a pod without, and of what is malformed', () => {
    expect(named({ containers: [{ name: 'm' }] })).toEqual([]);
    expect(named({ volumes: 'x', containers: [{ env: [5, { valueFrom: 'y' }] }], imagePullSecrets: [{}] })).toEqual([]);
  });
});
