/** Logs as they were (`?at=`): of a workload over its clusters, and of single pods; what is gone is said. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveStreams } from '@skyflow/agent-link';
import { type LogsRequest, agentRequestSubject, observationSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';

const PODS = '/api/v1/namespaces/default/pods';

interface FakePod {
  name: string;
  job: string;
  createdMs: number;
  /** When its instances began, the last one last. */
  startsMs: number[];
}

describe('logs of the past', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let thenMs: number;
  const stop = new AbortController();
  const pods: Record<string, FakePod[]> = {};
  const asked: LogsRequest[] = [];
  const uids = new Map<string, string>();

  const iso = (ms: number): string => new Date(ms).toISOString();
  const at = (afterMs = 0): string => encodeURIComponent(iso(thenMs + afterMs));
  const read = (path: string): ReturnType<GatewayFixture['request']> => gateway.request('GET', path);

  async function* bytes(text: string): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text));
  }

  const podOf = ({ name, createdMs, startsMs }: FakePod): object => {
    const [before, now] = startsMs.slice(-2).length === 2 ? startsMs.slice(-2) : [undefined, startsMs[0]];
    const last = before === undefined ? {} : { lastState: { terminated: { startedAt: iso(before) } } };
    const state = { running: { startedAt: iso(now ?? 0) } };
    return {
      metadata: { name, namespace: 'default', creationTimestamp: iso(createdMs) },
      spec: { containers: [{ name: 'main' }] },
      status: { containerStatuses: [{ name: 'main', restartCount: startsMs.length - 1, state, ...last }] },
    };
  };

  function serveAgent(cluster: string): void {
    const serve = (verb: 'pods' | 'logs', handler: Parameters<typeof serveStreams>[2]): void =>
      void serveStreams(gateway.nats, agentRequestSubject(cluster, verb), handler, { signal: stop.signal });
    serve('pods', (request) => {
      const { uid } = request as { uid?: string };
      const wanted = (pods[cluster] ?? []).filter(({ job }) => uid === undefined || uids.get(job) === uid);
      return Promise.resolve(bytes(JSON.stringify({ cluster, asOf: Date.now(), pods: wanted.map(podOf) })));
    });
    serve('logs', (request) => {
      const logs = request as LogsRequest;
      asked.push(logs);
      const which = logs.previous === true ? 'first' : 'last';
      const line = (ms: number, text: string): string => `${iso(thenMs + ms)} ${text}\n`;
      return Promise.resolve(bytes(line(-20, `${which} a`) + line(-10, `${which} b`) + line(5_000, `${which} later`)));
    });
  }

  async function placed(name: string, cluster: string, named: string[]): Promise<void> {
    const { body } = await gateway.request('POST', JOBS, jobNamed(name, { replicas: 1 }));
    uids.set(name, body.metadata.uid);
    const ref = { kind: 'Job', namespace: 'default', name, uid: body.metadata.uid };
    await gateway.append('sky.evt.scheduler', 'PlacementDecided', {
      ...{ epoch: 1, ref, generation: 1, placements: [{ cluster, replicas: 1 }] },
      ...{ unplaced: 0, basis: 0, code: 'test', verdicts: [] },
    });
    const seq = await gateway.append(observationSubject(cluster), 'WorkObserved', {
      ...{ ref, generation: 1, epoch: 1, phase: 'RUNNING', replicas: 1 },
      ...{ ready: 1, running: 1, pending: 0, succeeded: 0, failed: 0 },
      pods: named.map((pod) => ({ name: pod, phase: 'Running', containers: [{ name: 'main', ready: true }] })),
    });
    await until('it is folded', async () => (await read('/status')).body.foldedSeq >= seq);
  }

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    for (const name of ['east', 'west']) {
      const cluster = { apiVersion: 'skyflow.io/v1', kind: 'Cluster', metadata: { name } };
      expect((await gateway.request('POST', '/apis/skyflow.io/v1/clusters', cluster)).status).toBe(201);
      serveAgent(name);
    }
    await gateway.nats.flush();
    await placed('hello', 'east', ['hello-1', 'hello-gone']);
    await placed('often', 'west', ['often-1']);
    await placed('away', 'east', ['away-1']);
    thenMs = Date.now();
    const [before, since] = [thenMs - 60_000, thenMs + 2_000];
    pods.east = [
      { name: 'hello-1', job: 'hello', createdMs: before, startsMs: [before] },
      { name: 'hello-new', job: 'hello', createdMs: since, startsMs: [since] },
    ];
    pods.west = [{ name: 'often-1', job: 'often', createdMs: before, startsMs: [before, since] }];
    // The gateway refuses what is to come.
    await until('then is past', () => Promise.resolve(Date.now() > thenMs + 100));
  });

  afterAll(async () => {
    stop.abort();
    await gateway.stop();
    await nats.stop();
  });

  it('are what the pods of then had written by then, and say what is gone', async () => {
    const { status, text } = await read(`${JOBS}/hello/log?at=${at()}`);
    const gone = '# skyflow: east/hello-gone: the pod is gone, and its log with it\n';
    expect([status, text]).toEqual([200, `${gone}last a\nlast b\n`]);
    expect(asked.at(-1)).toMatchObject({ pod: 'hello-1', container: 'main', timestamps: true });
    const shown = await read(`${JOBS}/hello/log?at=${at()}&tailLines=1&prefix=true&timestamps=true`);
    expect(shown.text).toBe(`${gone}[east/hello-1/main] ${iso(thenMs - 10)} last b\n`);
    await read(`${JOBS}/hello/log?at=${at()}&sinceSeconds=5`);
    expect(asked.at(-1)?.sinceTime).toBe(iso(thenMs - 5_000));
  });

  it('are those of the instance that ran then, as far as it is kept', async () => {
    expect((await read(`${JOBS}/often/log?at=${at()}`)).text).toBe('first a\nfirst b\n');
    expect(asked.at(-1)).toMatchObject({ pod: 'often-1', previous: true });
    const lost = await read(`${JOBS}/often/log?at=${at()}&previous=true`);
    expect([lost.status, lost.body.message]).toEqual([
      410,
      expect.stringMatching(/^what ran in west\/often-1\/main at .* is not kept/),
    ]);
  });

  it('of single pods are the same', async () => {
    expect((await read(`${PODS}/hello-1.east/log?at=${at()}`)).text).toBe('last a\nlast b\n');
    expect((await read(`${PODS}/hello-1.east/log?at=${at()}&limitBytes=9`)).text).toBe('last a\nla');
    expect((await read(`${PODS}/often-1.west/log?at=${at()}&tailLines=1`)).text).toBe('first b\n');
  });

  it.each([
    [
      'pods that are gone',
      () => `${JOBS}/away/log?at=${at()}`,
      410,
      /east\/away-1.*a cluster keeps the log of a pod as/,
    ],
    ['one that is gone', () => `${PODS}/hello-gone.east/log?at=${at()}`, 410, /of .* is gone, and its log with it/],
    ['one that came later', () => `${PODS}/hello-new.east/log?at=${at()}`, 404, /nothing tells that it was there/],
    ['one that never was', () => `${PODS}/nobody.east/log?at=${at()}`, 404, /skyctl get pods --at/],
    ['another container', () => `${JOBS}/hello/log?at=${at()}&container=x`, 400, /choose one of: main/],
    ['what is followed', () => `${JOBS}/hello/log?at=${at()}&follow=true`, 400, /^follow: the past does not go on/],
    ['what is followed', () => `${PODS}/hello-1.east/log?at=${at()}&follow=1`, 400, /^follow: the past does not go on/],
    ['no time', () => `${JOBS}/hello/log?at=noon`, 400, /^at: invalid value "noon"/],
    ['a workload that was not there', () => `${JOBS}/hello/log?at=1`, 404, /not found/],
    [
      'a shell',
      () => `${PODS}/hello-1.east/exec?at=1`,
      400,
      /^at: only get, list and logs read the past, this is exec/,
    ],
  ])('of %s are refused, with the reason', async (_what, path, code, message) => {
    const { status, body } = await read(path());
    expect([status, body.message]).toEqual([code, expect.stringMatching(message)]);
  });
});
