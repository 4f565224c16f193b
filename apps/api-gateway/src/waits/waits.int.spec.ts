import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject, observationSubject, workSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';
import type { QueueWaits, SchedulingLatency } from './waits-report.js';

const QUEUES = '/apis/skyflow.io/v1/queues';

describe('how long workloads waited', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let from: string;
  const uids = new Map<string, string>();

  const submit = async (name: string): Promise<void> => {
    const job = jobNamed(name) as { spec: object };
    const answer = await gateway.request('POST', JOBS, { ...job, spec: { ...job.spec, queue: 'team' } });
    expect([answer.status, answer.body.message]).toEqual([201, undefined]);
    uids.set(name, answer.body.metadata.uid);
  };
  const decide = async (name: string, placed: number): Promise<void> => {
    await gateway.append(decisionSubject('scheduler'), 'PlacementDecided', {
      ...{ epoch: 1, ref: { kind: 'Job', namespace: 'default', name, uid: uids.get(name) ?? '' }, generation: 1 },
      ...{ placements: placed === 0 ? [] : [{ cluster: 'east', replicas: placed }], unplaced: 1 - placed },
      ...{ basis: 0, code: 'test', verdicts: [] },
    });
  };
  const read = async <T>(path: string): Promise<T> => {
    const { status, text } = await gateway.request('GET', path);
    expect([path, status, status === 200 ? '' : text]).toEqual([path, 200, '']);
    return JSON.parse(text) as T;
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    from = new Date().toISOString();
    const queue = { apiVersion: 'skyflow.io/v1', kind: 'Queue', metadata: { name: 'team' } };
    expect((await gateway.request('POST', QUEUES, queue)).status).toBe(201);
    await gateway.append(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'test' });
    for (const name of ['first', 'second', 'waits']) await submit(name);
    const submitted = Date.now();
    await until('some time has passed', () => Date.now() > submitted + 60);
    await decide('first', 1);
    await decide('second', 0);
    const ref = { kind: 'Job', namespace: 'default', name: 'first', uid: uids.get('first') ?? '' };
    const { name, namespace, uid } = ref;
    const metadata = { name, namespace, uid, creationTimestamp: from };
    const object = { ...jobNamed('first'), apiVersion: 'skyflow.io/v1', kind: 'Job', metadata };
    await gateway.append(workSubject('east'), 'WorkAssigned', {
      ...{ epoch: 1, decision: 1, generation: 1, replicas: 1, object },
    });
    await gateway.append(observationSubject('east'), 'WorkObserved', {
      ...{ ref, generation: 1, epoch: 1, phase: 'PENDING', replicas: 1, ready: 0, running: 0, pending: 1 },
      ...{ succeeded: 0, failed: 0 },
    });
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it('is told of a queue, period by period, with who waits still', async () => {
    const { kind, queue, periods } = await read<QueueWaits>(`${QUEUES}/team/waits?from=${from}`);
    expect([kind, queue, periods.length]).toEqual(['QueueWaits', 'team', 1]);
    expect(periods[0]).toMatchObject({ from, waits: { count: 1 }, waiting: 2 });
    expect(periods[0]?.waits.longestMs).toBeGreaterThanOrEqual(50);
    const began = new Date(Date.parse(from) - 3_600_000).toISOString();
    const { periods: six } = await read<QueueWaits>(`${QUEUES}/team/waits?from=${began}&step=600`);
    expect(six.length).toBeGreaterThanOrEqual(6);
    expect(six.reduce((sum, { waits }) => sum + waits.count, 0)).toBe(1);
    expect(six[0]).toMatchObject({ waits: { count: 0 }, waiting: 0 });
    // Nobody is in the line that is there without being made.
    expect((await read<QueueWaits>(`${QUEUES}/default/waits`)).periods[0]).toMatchObject({ waiting: 0 });
  });

  it('is told stage by stage for the whole system', async () => {
    const { stages } = await read<SchedulingLatency>(`/schedulinglatency?from=${from}`);
    expect(stages.map(({ stage, count }) => [stage, count])).toEqual([
      ['decided', 2],
      ['assigned', 1],
      ['applied', 1],
    ]);
    for (const { medianMs = -1, p95Ms = -1 } of stages) expect(medianMs >= 0 && p95Ms >= medianMs).toBe(true);
  });

  it('follows what comes, without reading the log anew, and is the same for who begins anew', async () => {
    const counts = async (at: string): Promise<Record<string, number>> => {
      const { stages } = await read<SchedulingLatency>(`/schedulinglatency?from=${at}`);
      return Object.fromEntries(stages.map(({ stage, count }) => [stage, count]));
    };
    const before = await counts(from);
    await submit('later');
    await decide('later', 1);
    expect(await counts(from)).toEqual({ ...before, decided: (before.decided ?? 0) + 1 });
    const other = await startGatewayFixture(nats.url);
    try {
      const { text } = await other.request('GET', `/schedulinglatency?from=${from}`);
      const { stages } = JSON.parse(text) as SchedulingLatency;
      const known = await read<SchedulingLatency>(`/schedulinglatency?from=${from}`);
      expect(stages.map(({ stage, count }) => [stage, count])).toEqual(
        known.stages.map(({ stage, count }) => [stage, count]),
      );
    } finally {
      await other.stop();
    }
    // Who was submitted before the range does not count in it.
    const now = new Date().toISOString();
    await until('the clock has moved', () => new Date().toISOString() > now);
    expect(await counts(now)).toEqual({ decided: 0, assigned: 0, applied: 0 });
  });

  it.each([
    [`${QUEUES}/none/waits`, 404, /queues "none" not found/],
    [`${QUEUES}/team/waits?step=5`, 400, /^step: .*must be 60 or more/],
    [`${QUEUES}/team/waits?from=yesterday`, 400, /^from: invalid value "yesterday": give an RFC 3339 time/],
    ['/schedulinglatency?step=60', 400, /^step: .*no such parameter/],
  ])('refuses %s', async (path, code, message) => {
    const { status, body } = await gateway.request('GET', path);
    expect([status, body.kind]).toEqual([code, 'Status']);
    expect(body.message).toMatch(message);
  });

  it('is not for strangers', async () => {
    for (const path of [`${QUEUES}/team/waits`, '/schedulinglatency'])
      expect((await gateway.request('GET', path, undefined, { authorization: 'Bearer x' })).status).toBe(401);
  });
});
