import { describe, expect, it } from '@jest/globals';
import { type Entry, FINALIZER_PROVISIONER } from '@skyflow/contracts';
import { apiObject, statusBasis } from './api-object.js';
import { evolveObjects } from './evolve-objects.js';
import { initialObjects } from './objects-state.js';
import type { Liveness } from './sightings.js';

const liveness: Liveness = { nowMs: 9e12, lastHeartbeatMs: () => 9e12, listeningSinceMs: 0, staleAfterMs: 5_000 };
const ref = { kind: 'Cluster', name: 'prod', uid: 'u1' };

function fold(...entries: [string, object][]) {
  const state = initialObjects();
  const all: [string, object][] = [
    [
      'ObjectCreated',
      {
        object: {
          apiVersion: 'skyflow.io/v1',
          kind: 'Cluster',
          metadata: {
            ...{ name: 'prod', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' },
            finalizers: [FINALIZER_PROVISIONER],
          },
          spec: { manager: 'k8', provision: { hosts: [] } },
        },
      },
    ],
    ...entries,
  ];
  all.forEach(([type, data], index) => {
    const entry = { type, v: 1, at: index, actor: 'a', corr: 'c', data } as unknown as Entry;
    const subject = type.startsWith('Provisioning') ? 'sky.evt.provisioner' : 'sky.cmd.0';
    evolveObjects(state, entry, { position: index + 1, subject });
  });
  const record = state.table.get('Cluster', '', 'prod');
  return record && (apiObject(record, statusBasis(state, liveness)).status as Record<string, unknown>);
}

const status = (phase: string, more: object = {}): [string, object] => [
  'ProvisioningStatusDecided',
  { epoch: 1, ref, status: { phase, stage: 'etcd', progress: 52, message: 'run 1', ...more } },
];
const released: [string, object] = ['ObjectReleased', { epoch: 1, ref }];
const deleted = (force: boolean): [string, object] => ['ObjectDeleted', { ref, ...(force ? { force } : {}) }];

describe('a cluster that SkyFlow builds, as users see it', () => {
  it('is PROVISIONING with stage and progress, then as its agent says', () => {
    expect(fold()).toMatchObject({ phase: 'PROVISIONING', reason: 'Requested' });
    expect(fold(status('PROVISIONING'))).toMatchObject({
      phase: 'PROVISIONING',
      reason: 'Etcd',
      message: '52 %: run 1',
      provisioning: { stage: 'etcd' },
    });
    expect(fold(status('ACTIVE'))).toMatchObject({ phase: 'INIT', reason: 'NoAgent' });
  });

  it('is FAILED with what happened and what to do', () => {
    const failure = { class: 'docker', message: 'no docker', advice: 'install docker' };
    expect(fold(status('FAILED', { message: 'no docker', failure }))).toMatchObject({
      phase: 'FAILED',
      reason: 'ProvisioningDocker',
      message: 'no docker; install docker',
    });
  });

  it.each([false, true])('stays until it is taken down, deleted by force (%p) or not', (force) => {
    const going = fold(status('ACTIVE'), deleted(force), released, status('DELETING', { message: '1 machines' }));
    expect(going).toMatchObject({ phase: 'DELETING', message: '1 machines' });
    expect(fold(status('ACTIVE'), deleted(force), released, status('DELETED'))).toBeUndefined();
  });
});
