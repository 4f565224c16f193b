import { describe, expect, it } from '@jest/globals';
import { DeliveryKey, openOnce } from '@skyflow/agent-link';
import { type Entry, type EntryData, type EntryType, positionOf, sealedName } from '@skyflow/contracts';
import { evolveObjects, initialObjects } from '@skyflow/domain';
import { Keyring } from './keyring.js';
import { answer } from './serve-unseal.js';

const keyring = new Keyring(['a'.repeat(64)]);
const agent = DeliveryKey.generate();
const sealed = keyring.seal({ data: { password: 'czNjcmV0' } }, sealedName('default', 'db'));
const meta = (name: string, namespace?: string) => ({
  name,
  uid: `uid-${name}`,
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(namespace === undefined ? {} : { namespace }),
});

/** Two clusters with keys, a Secret, and a job placed on the first that uses it. */
function world() {
  const state = initialObjects();
  let seq = 0;
  const fold = <T extends EntryType>(subject: string, type: T, data: EntryData<T>, corr = 'c'): void => {
    const entry = { type, v: 1, at: 1, actor: 'test', corr, data } as Entry;
    evolveObjects(state, entry, { position: positionOf(++seq, 0), subject });
  };
  for (const name of ['onprem', 'cloud']) {
    const object = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: meta(name), spec: { manager: 'k8' } };
    fold('sky.cmd.0', 'ObjectCreated', { object });
    const observed = { kubernetesVersion: 'v1', nodes: [], reachable: true, sealingKey: agent.publicKey };
    fold(`sky.obs.${name}`, 'ClusterObserved', observed, `uid-${name}`);
  }
  const template = {
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'busybox', envFrom: [{ secretRef: { name: 'db' } }] }],
    },
  };
  const object = {
    apiVersion: 'skyflow.io/v1',
    kind: 'Job',
    metadata: { ...meta('hello', 'default'), generation: 1 },
    spec: { replicas: 1, template },
  };
  fold('sky.cmd.0', 'ObjectCreated', { object });
  const ref = { kind: 'Job', namespace: 'default', name: 'hello', uid: 'uid-hello' };
  const placements = [{ cluster: 'onprem', replicas: 1 }];
  fold('sky.evt.scheduler', 'PlacementDecided', {
    epoch: 1,
    ref,
    generation: 1,
    placements,
    unplaced: 0,
    basis: 1,
    code: 'test',
    verdicts: [],
  });
  return state;
}

const request = (changes: object = {}) => ({
  cluster: 'onprem',
  uid: 'uid-onprem',
  workload: { kind: 'Job', namespace: 'default', name: 'hello', uid: 'uid-hello' },
  secret: 'db',
  kid: sealed.kid,
  key: sealed.key,
  ...changes,
});

describe('the key of a Secret', () => {
  it('is given to the agent whose cluster runs a workload that refers to it', () => {
    const reply = answer(JSON.stringify(request()), 'sky.unseal.onprem', keyring, world());
    if ('error' in reply) throw new Error(reply.error);
    const key = agent.open(reply.key, 'Secret/default/db');
    const text = openOnce(key, Buffer.from(sealed.data, 'base64'), 'Secret/default/db').toString();
    expect(JSON.parse(text)).toEqual({ data: { password: 'czNjcmV0' } });
  });

  it.each([
    ['another cluster', { cluster: 'cloud', uid: 'uid-cloud' }, 'sky.unseal.cloud', 'cloud has no share of Job'],
    ['an agent that says it is another', {}, 'sky.unseal.cloud', 'names another cluster'],
    ['a cluster of that name that is gone', { uid: 'older' }, 'sky.unseal.onprem', 'no cluster onprem with uid older'],
    [
      'a Secret that the pods do not name',
      { secret: 'other' },
      'sky.unseal.onprem',
      'does not refer to Secret/default/other',
    ],
    [
      'a key that belongs to another Secret',
      { key: keyring.seal({ data: {} }, 'Secret/x/y').key },
      'sky.unseal.onprem',
      'does not open',
    ],
    ['a key of another instance', { kid: 'ffffffff' }, 'sky.unseal.onprem', 'sealed with key ffffffff'],
  ])('is refused to %s', (_who, changes, subject, why) => {
    const reply = answer(JSON.stringify(request(changes)), subject, keyring, world());
    expect(reply).toEqual({ error: expect.stringContaining(why) });
  });

  it('is refused to whoever does not ask for one', () => {
    expect(answer('{}', 'sky.unseal.onprem', keyring, world())).toHaveProperty('error');
    expect(answer('nonsense', 'sky.unseal.onprem', keyring, world())).toHaveProperty('error');
  });
});
