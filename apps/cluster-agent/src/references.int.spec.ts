/** What pods refer to: Secrets that come sealed, and objects that nobody brings. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deliver, sealOnce } from '@skyflow/agent-link';
import { unsealSubject, type StoredObject, type UnsealRequest } from '@skyflow/contracts';
import { resources, type KubeObject } from '@skyflow/kube-client';
import { job, startOneCluster, until, type TestBed, type TestCluster } from './testing/test-bed.spec.js';

let bed: TestBed;
let cluster: TestCluster;
/** Requests for keys, as they come. */
const asked: UnsealRequest[] = [];
/** Plays the gateway: undefined refuses. */
let keyOf: ((request: UnsealRequest) => Buffer) | undefined;

beforeAll(async () => {
  ({ bed, cluster } = await startOneCluster());
  bed.connection.subscribe(unsealSubject('onprem'), {
    callback: (_error, message) => {
      const request = message.json<UnsealRequest>();
      asked.push(request);
      const boundTo = `Secret/${request.workload.namespace}/${request.secret}`;
      void publicKey().then((key) => {
        const reply = keyOf === undefined ? { error: 'not now' } : { key: deliver(key, keyOf(request), boundTo) };
        message.respond(JSON.stringify(reply));
      });
    },
  });
  bed.agent('onprem');
}, 180_000);
afterAll(() => bed.stop());

const publicKey = () =>
  until('the agent has published its key', async () => {
    const entry = (await bed.observed('onprem')).findLast(({ type }) => type === 'ClusterObserved');
    return entry?.type === 'ClusterObserved' ? entry.data.sealingKey : undefined;
  });

const lastReport = async (name: string) => {
  const entry = (await bed.observed('onprem')).findLast(
    (each) => each.type === 'WorkObserved' && each.data.ref.name === name,
  );
  return entry?.type === 'WorkObserved' ? entry.data : undefined;
};

/** A Secret as a gateway stores it. */
function sealedSecret(name: string, data: Record<string, string>, key: Buffer): StoredObject {
  const text = sealOnce(key, Buffer.from(JSON.stringify({ data })), `Secret/team/${name}`);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'team', uid: `uid-${name}`, creationTimestamp: '2026-11-24T08:00:00Z' },
    type: 'Opaque',
    sealed: { v: 1, kid: 'k', key: `wrapped-${name}`, data: text.toString('base64'), names: Object.keys(data) },
  };
}

const native = (name: string) =>
  cluster.client.find<KubeObject & { data?: object; type?: string }>(resources.secrets, { namespace: 'team', name });

describe('a sealed Secret', () => {
  it('waits with its work while no gateway gives its key, and is on the cluster in clear when one does', async () => {
    const key = randomBytes(32);
    const password = Buffer.from('s3cret').toString('base64');
    const secret = sealedSecret('db', { password }, key);
    const web = job('web', {}, {});
    await bed.work('onprem').assign(web, { dependencies: [secret] });
    const waiting = await until('it waits', async () => {
      const report = await lastReport('web');
      return report?.reason === 'SecretSealed' ? report : undefined;
    });
    expect(waiting).toMatchObject({
      phase: 'PENDING',
      message: 'the key of Secret/team/db was refused: not now',
    });
    expect(asked[0]).toMatchObject({
      cluster: 'onprem',
      uid: 'uid-of-onprem',
      workload: { kind: 'Job', namespace: 'team', name: 'web', uid: 'uid-web' },
      secret: 'db',
      key: 'wrapped-db',
    });
    keyOf = () => key;
    const made = await until('the Secret is there', () => native('db'));
    expect(made).toMatchObject({ type: 'Opaque', data: { password } });
    expect(made).not.toHaveProperty('sealed');
    await until('the work runs', async () => (await lastReport('web'))?.phase === 'RUNNING');
    expect(JSON.stringify(await bed.observed('onprem'))).not.toContain(password);
  });

  it('that someone changed on the cluster is put back', async () => {
    await cluster.client.patch(resources.secrets, { namespace: 'team', name: 'db' }, { data: { password: 'eA==' } });
    const password = Buffer.from('s3cret').toString('base64');
    await until(
      'it is put back',
      async () =>
        (await native('db'))?.data !== undefined && JSON.stringify((await native('db'))?.data).includes(password),
    );
  });
});

describe('an object that pods refer to and nobody brings', () => {
  it('is reported missing by name while the pods wait, and no more when it is there', async () => {
    const container = { name: 'main', image: 'x', envFrom: [{ secretRef: { name: 'gone' } }] };
    const spec = {
      restartPolicy: 'Always',
      serviceAccountName: 'runner',
      containers: [{ ...container, resources: { requests: { cpu: '100' } } }],
    };
    await bed.work('onprem').assign(job('needy', { template: { spec } }));
    const report = await until('it is reported', async () => {
      const last = await lastReport('needy');
      return last?.reason === 'MissingDependency' ? last : undefined;
    });
    expect(report.message).toMatch(/^Secret gone, ServiceAccount runner are missing on the cluster/);
    const account = { group: '', version: 'v1', plural: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true };
    for (const [resource, name] of [
      [account, 'runner'],
      [resources.secrets, 'gone'],
    ] as const) {
      const metadata = { name, namespace: 'team' };
      await cluster.client.create(resource, { apiVersion: 'v1', kind: resource.kind, metadata });
    }
    await until(
      'only the scheduler’s reason is left',
      async () => (await lastReport('needy'))?.reason === 'Unschedulable',
      20_000,
    );
  });
});

describe('a priority class of SkyFlow', () => {
  const classNamed = (name: string, value: number): StoredObject => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, uid: `uid-${name}`, creationTimestamp: '2026-11-24T08:00:00Z' },
    ...{ value, preemptionPolicy: 'PreemptLowerPriority' },
  });
  const prioritised = (name: string, priorityClassName: string): StoredObject =>
    job(name, { template: { spec: { priorityClassName, containers: [{ name: 'main', image: 'x' }] } } });
  const nativeClass = (name: string) =>
    cluster.client.find<KubeObject & { value?: number }>(resources.priorityClasses, { name });
  const podOf = async (name: string) => {
    const { items } = await cluster.client.list<KubeObject & { spec?: { priority?: number } }>(resources.pods, {
      namespace: 'team',
      labelSelector: `skyflow.io/workload-name=${name}`,
    });
    return items[0];
  };

  it('is on the cluster while work names it, and the pods have its priority', async () => {
    const urgent = classNamed('urgent', 1_000);
    const [first, second] = [prioritised('vip', 'urgent'), prioritised('vip-too', 'urgent')];
    for (const each of [first, second]) await bed.work('onprem').assign(each, { dependencies: [urgent] });
    const pods = await until('both have pods', async () => {
      const found = [await podOf('vip'), await podOf('vip-too')];
      return found.every((pod) => pod !== undefined) ? found : undefined;
    });
    expect(pods.map((pod) => pod.spec?.priority)).toEqual([1_000, 1_000]);
    expect(await nativeClass('urgent')).toMatchObject({ value: 1_000 });
    await bed.work('onprem').withdraw(first);
    await until('the first is gone', async () => (await podOf('vip')) === undefined);
    expect(await nativeClass('urgent')).toMatchObject({ value: 1_000 });
    await bed.work('onprem').withdraw(second);
    await until('it goes with the last', async () => (await nativeClass('urgent')) === undefined);
  });

  it('leaves a class of the cluster’s own of that name as it is, and the pods have that one’s priority', async () => {
    const own = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'batch' }, value: 7 };
    await cluster.client.create(resources.priorityClasses, own);
    const work = prioritised('nightly', 'batch');
    await bed.work('onprem').assign(work, { dependencies: [classNamed('batch', 50)] });
    const pod = await until('it has a pod', () => podOf('nightly'));
    expect(pod.spec?.priority).toBe(7);
    await bed.work('onprem').withdraw(work);
    await until('it is gone', async () => (await podOf('nightly')) === undefined);
    expect(await nativeClass('batch')).toMatchObject({ value: 7 });
  });
});
