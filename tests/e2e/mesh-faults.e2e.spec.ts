/**
 * What becomes of connections to a service when the way between clusters, the API of a cluster, or the whole control plane fails: clients
 * keep to pods that answer within the time that a probe takes, and slices are written a bounded number of times.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { connectionOf, KubeClient, loadKubeConfig, Reflector, resources, type KubeObject } from '@skyflow/kube-client';
import { agentOf } from './fixture/agent-of.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'web.yaml');
/** A round every 2 s, 1.5 s for an answer, two more rounds soon after the first that fails: 7 s on a machine that has nothing else to do. */
const PROBE_MS = 25_000;
/** For an answer that nothing stands in the way of: a busy machine is no failure. */
const PATIENT_MS = 15_000;
/** Longer than a way takes to be given up: three rounds. */
const QUIET_MS = 12_000;
const PODS = 4;
const CONTROL_PLANE = ['nats-server', 'api-gateway', 'scheduler', 'mesh-controller'];

interface Slice extends KubeObject {
  endpoints: { conditions: { ready: boolean } }[];
}

const skyflow = new Skyflow();
// Pods answer only where they are real processes at addresses of this machine.
const wherePodsAnswer = await needing('service addresses', 'Linux');

wherePodsAnswer.describe('a service over clusters, when something between them fails', () => {
  const [cloud, onprem] = skyflow.clusters.contexts as [string, string];
  const skyctl = skyflow.typed;
  const done = new AbortController();
  let writes = 0;
  /** When a slice of ours was last written, ms. */
  let writtenMs = 0;
  let slices: Reflector<Slice>;
  let pods: Reflector<KubeObject>;
  /** Told of every change of a slice of ours, and of a pod of `cloud`. */
  let changed: (() => void) | undefined;
  let host = '';

  beforeAll(async () => {
    await skyflow.up();
    await skyctl('apply', '-f', EXAMPLE);
    await skyctl(
      ...['create', 'service', 'web', '--type', 'LoadBalancer', '--ports', '8008', '8080', '--cluster', onprem],
    );
    const config = await loadKubeConfig(skyflow.clusters.kubeconfig(skyflow.home));
    const clientOf = async (name: string): Promise<KubeClient> =>
      new KubeClient(await connectionOf(config.context(name)));
    slices = new Reflector<Slice>({
      client: await clientOf(onprem),
      resource: resources.endpointSlices,
      labelSelector: 'endpointslice.kubernetes.io/managed-by=mesh.skyflow.io',
      keep: (object) => object as Slice,
      onChange: () => {
        writes += 1;
        writtenMs = performance.now();
        changed?.();
      },
    });
    pods = new Reflector<KubeObject>({
      client: await clientOf(cloud),
      resource: resources.pods,
      labelSelector: 'app=web',
      keep: (object) => object,
      onChange: () => changed?.(),
    });
    void slices.run(done.signal);
    void pods.run(done.signal);
    await everyPodIsUsed();
    const { status } = JSON.parse(await skyctl('get', 'service', 'web', '-o', 'json')) as {
      status: { externalIPs: string[] };
    };
    [host = ''] = status.externalIPs;
  }, 120_000);

  afterAll(async () => {
    done.abort();
    await skyflow.remove();
  }, 60_000);

  // What the test before did is over: every pod takes connections, and every connection is answered.
  beforeEach(async () => {
    await everyPodIsUsed();
    for (let good = 0; good < 20;) good = (await asks(PATIENT_MS)) ? good + 1 : 0;
  }, 180_000);

  const remoteReady = (): number =>
    [...slices.store.values()].flatMap(({ endpoints }) => endpoints).filter(({ conditions }) => conditions.ready)
      .length;
  const everyPodIsUsed = (): Promise<void> =>
    eventually(
      'every pod of the other cluster to take connections',
      () => {
        const there = [...pods.store.values()].filter(isReady).length;
        expect(there).toBe(PODS / 2);
        expect(remoteReady()).toBe(there);
      },
      90_000,
    );
  const isReady = ({ metadata, ...pod }: KubeObject): boolean =>
    metadata.deletionTimestamp === undefined &&
    (pod['status'] as { conditions?: { type: string; status: string }[] }).conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    ) === true;

  /** The gateway of a cluster: a child of its agent, or of one before it. */
  function gatewayOf(cluster: string): number {
    const agent = agentOf(skyflow, cluster);
    const found = readdirSync('/proc').find((entry) => {
      try {
        const parent = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1]);
        return parent === agent && readFileSync(`/proc/${entry}/environ`, 'utf8').includes('SKYFLOW_GATEWAY_LISTEN=');
      } catch {
        return false; // no process, or gone meanwhile
      }
    });
    if (found === undefined) throw new Error(`no gateway of ${cluster} runs`);
    return Number(found);
  }

  /** An HTTP answer over a connection of its own. */
  const asks = (withinMs = 1_000): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ host, port: 8008 }, () => socket.write('GET / HTTP/1.0\r\n\r\n'));
      const end = (answered: boolean): void => {
        socket.destroy();
        resolve(answered);
      };
      socket.setTimeout(withinMs, () => end(false));
      socket.once('data', () => end(true));
      socket.once('error', () => end(false));
    });

  /** Clients keep asking while something fails. @returns from the failure to the last answer that did not come, ms. */
  async function blackHole(fails: () => void, until: () => unknown, withinMs?: number): Promise<number> {
    const asking = new AbortController();
    const from = performance.now();
    let last = from;
    const client = (async () => {
      while (!asking.signal.aborted) {
        const at = performance.now();
        if (!(await asks(withinMs))) last = at;
        await pause(50);
      }
    })();
    try {
      fails();
      await eventually('the failure to be seen', until, 60_000);
      // What was asked before it was seen may still be waiting.
      for (let good = 0; good < 20;) good = (await asks(withinMs)) ? good + 1 : 0;
    } finally {
      asking.abort();
      await client;
    }
    return last - from;
  }

  const noneIsUsed = (): void => expect(remoteReady()).toBe(0);

  it('leaves pods behind a way that is dead within the time of a probe, and comes back to them', async () => {
    const gateway = gatewayOf(cloud);
    writes = 0;
    const ms = await blackHole(() => void process.kill(gateway, 'SIGSTOP'), noneIsUsed);
    process.kill(gateway, 'SIGCONT');
    expect(ms).toBeLessThan(PROBE_MS);
    process.stderr.write(`mesh faults: the way stood still; the last connection failed after ${ms.toFixed(0)} ms\n`);
    await everyPodIsUsed();
    // One slice per pod, which goes and comes.
    expect(writes).toBeLessThanOrEqual(PODS);
  }, 180_000);

  it('writes slices ever more seldom while the way flaps', async () => {
    writes = 0;
    let endedMs = 0;
    for (let flap = 0; flap < 6; flap++) {
      const gateway = gatewayOf(cloud);
      process.kill(gateway, 'SIGKILL');
      await eventually('it to be started again', () => expect(gatewayOf(cloud)).not.toBe(gateway));
      endedMs = performance.now();
    }
    // Gateways that dial each other again answer late: a probe may still count that against the way.
    await eventually(
      'nothing to be written for three rounds of probes',
      () => expect(performance.now() - Math.max(writtenMs, endedMs)).toBeGreaterThan(QUIET_MS),
      90_000,
    );
    await everyPodIsUsed();
    process.stderr.write(`mesh faults: six flaps cost ${writes} writes of slices\n`);
    expect(writes).toBeLessThanOrEqual(2 * 6 * (PODS / 2));
    expect(await asks()).toBe(true);
  }, 240_000);

  it('goes on with the pods of a cluster whose API is away, and writes nothing', async () => {
    const { clusters } = JSON.parse(readFileSync(join(skyflow.home, 'ports.json'), 'utf8')) as { clusters: number };
    const faults = (method: string, body?: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${clusters}/clusters/${cloud}/faults`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    writes = 0;
    expect((await faults('POST', { unreachable: 'refuse' })).status).toBe(200);
    try {
      const ms = await blackHole(
        () => undefined,
        async () =>
          expect(await skyctl('get', 'clusters')).toMatch(new RegExp(`${cloud} .*(UNREACHABLE|UNKNOWN|LOST)`)),
        PATIENT_MS,
      );
      expect(ms).toBe(0);
      expect(remoteReady()).toBe(PODS / 2);
      expect(writes).toBe(0);
    } finally {
      await faults('DELETE');
    }
    await eventually('it to be READY again', async () =>
      expect(await skyctl('get', 'clusters')).toMatch(new RegExp(`${cloud} .*READY`)),
    );
    await everyPodIsUsed();
  }, 180_000);

  it('acts by itself on a way that is dead while the whole control plane is away', async () => {
    const processes = skyflow.processes();
    const signal = (how: NodeJS.Signals): void => {
      for (const name of CONTROL_PLANE) process.kill(processes[name] ?? 0, how);
    };
    const gateway = gatewayOf(cloud);
    signal('SIGSTOP');
    try {
      const ms = await blackHole(() => void process.kill(gateway, 'SIGSTOP'), noneIsUsed);
      process.stderr.write(`mesh faults: without control plane the last connection failed after ${ms.toFixed(0)} ms\n`);
      expect(ms).toBeLessThan(PROBE_MS);
      process.kill(gateway, 'SIGCONT');
      await everyPodIsUsed();
    } finally {
      signal('SIGCONT');
      process.kill(gateway, 'SIGCONT');
    }
  }, 240_000);

  it('follows pods of the other cluster within a second, at the median', async () => {
    await eventually('everything to be well again', async () =>
      expect(await skyctl('get', 'service', 'web')).toContain('READY'),
    );
    const took: number[] = [];
    for (let round = 0; round < 5; round++) {
      const [victim] = [...pods.store.values()].filter(isReady);
      const readyPods = (): number => [...pods.store.values()].filter(isReady).length;
      let since: number | undefined;
      let before = readyPods();
      // From what the API of the one cluster says of a pod to what that of the other says of its endpoint.
      changed = () => {
        const now = readyPods();
        if (now !== before) [before, since] = [now, performance.now()];
        if (since !== undefined && remoteReady() === now) {
          took.push(performance.now() - since);
          since = undefined;
        }
      };
      await skyflow.kubectl(cloud, ['delete', 'pod', victim?.metadata.name ?? '', '--wait=false']);
      await eventually('it to be gone', () =>
        expect(pods.store.get(`default/${victim?.metadata.name ?? ''}`)).toBeUndefined(),
      );
      await everyPodIsUsed();
      changed = undefined;
    }
    const median = took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? Number.NaN;
    process.stderr.write(`mesh faults: endpoints follow pods in ${median.toFixed(0)} ms (median of ${took.length})\n`);
    expect(median).toBeLessThan(1_000);
  }, 180_000);
});
