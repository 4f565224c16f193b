/** Faults, as clients meet them. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { conditionOf } from './model/object-facts.js';
import { ControlServer } from './control/control-server.js';
import { ClusterFixture, until } from './testing/cluster-fixture.js';

describe('faults of an embedded cluster', () => {
  const fixture = new ClusterFixture();
  const faults = (each: object): Promise<void> => fixture.clusters.setFaults('test', each);

  beforeEach(async () => {
    await fixture.start({
      nodes: [{ name: 'node-0' }, { name: 'node-1' }],
      virtual: { startDelayMs: 0, stopDelayMs: 0 },
      nodeMonitorGraceMs: 100,
    });
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.unexpected).toEqual([]);
  });

  const get = async (): Promise<{ code: number | null; stderr: string; tookMs: number }> => {
    const startedMs = Date.now();
    const { code, stderr } = await runKubectl(['get', 'nodes', '--request-timeout=1s'], {
      kubeconfig: fixture.kubeconfig,
    });
    return { code, stderr, tookMs: Date.now() - startedMs };
  };

  it('slow: every request waits', async () => {
    await faults({ slowMs: 300 });
    const slow = await get();
    expect(slow).toMatchObject({ code: 0 });
    expect(slow.tookMs).toBeGreaterThan(300);
  });

  it('erroring: requests are answered with the status asked for', async () => {
    await faults({ error: { status: 503, rate: 1 } });
    const { code, stderr } = await get();
    expect(code).not.toBe(0);
    expect(stderr).toContain('ServiceUnavailable');
  });

  it('unreachable: refused, cut or never answered, and well again at the same port', async () => {
    for (const unreachable of ['refuse', 'reset', 'hang'] as const) {
      await faults({ unreachable });
      expect((await get()).code).not.toBe(0);
      await faults({});
      expect((await get()).code).toBe(0);
    }
  });

  it('dropped watches: end, while requests go on', async () => {
    const lines: string[] = [];
    const watching = runKubectl(['get', 'configmaps', '-w', '-o', 'name'], {
      kubeconfig: fixture.kubeconfig,
      onStdout: (text) => lines.push(text),
    });
    await fixture.kubectl('create configmap seen');
    await until('the watch to see it', () => lines.join('').includes('seen'));
    await faults({ watchMaxMs: 0 });
    expect((await watching).code).not.toBeNull();
    expect((await get()).code).toBe(0);
  });

  it('a lost node: NotReady, its pods are not ready and leave when their time is over; found again', async () => {
    const spec = {
      nodeName: 'node-1',
      containers: [{ name: 'c', image: 'i' }],
      tolerations: ['not-ready', 'unreachable'].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 1,
      })),
    };
    await fixture.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec });
    await fixture.kubectl('wait --for=condition=ready pod/p --timeout=10s');
    await faults({ lostNodes: ['node-1'] });
    await fixture.kubectl('wait --for=condition=ready=unknown node/node-1 --timeout=10s');
    await until(
      'the pod to be not ready',
      () => conditionOf(fixture.find('Pod', 'p')?.status?.conditions, 'Ready')?.status === 'False',
    );
    await until('the pod to be told to go', () => fixture.find('Pod', 'p')?.metadata.deletionTimestamp !== undefined);
    expect(await fixture.kubectl('get pod p')).toContain('Terminating');
    await faults({});
    await fixture.kubectl('wait --for=condition=ready node/node-1 --timeout=10s');
    await until('the pod to be gone', () => fixture.find('Pod', 'p') === undefined);
  });

  it('are switched over HTTP too, and wrong ones are refused by name', async () => {
    const control = new ControlServer(fixture.clusters);
    const port = await control.listen(0);
    const send = (method: string, body?: unknown): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/clusters/test/faults`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    expect((await send('POST', { error: { status: 500 } })).status).toBe(200);
    expect((await get()).code).not.toBe(0);
    const wrong = await send('POST', { slowMs: 'very' });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain('slowMs');
    expect((await send('POST', { lostNodes: ['moon'] })).status).toBe(404);
    expect((await send('DELETE')).status).toBe(200);
    expect((await get()).code).toBe(0);
    await control.close();
  });
});
