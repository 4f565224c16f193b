import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject, STREAM } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';

const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

describe('reads of what was (?at=)', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let snapshots: string;
  /** After each step: the sequence, and what everything was then. */
  const then: { seq: number; at: string; jobs: string }[] = [];

  const names = (text: string): string[] =>
    (JSON.parse(text) as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
  const remember = async (): Promise<void> => {
    const { text } = await gateway.request('GET', JOBS);
    then.push({ seq: await gateway.log.head(), at: new Date().toISOString(), jobs: text });
    // Times of the log are whole milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 5));
  };

  beforeAll(async () => {
    nats = await startNatsFixture();
    snapshots = mkdtempSync(join(tmpdir(), 'skyflow-past-'));
    gateway = await startGatewayFixture(nats.url, snapshots);
    const { body } = await gateway.request('POST', JOBS, jobNamed('a', { replicas: 1 }));
    await remember();
    await gateway.append(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'test' });
    await gateway.append(decisionSubject('scheduler'), 'PlacementDecided', {
      epoch: 1,
      ref: { kind: 'Job', namespace: 'default', name: 'a', uid: body.metadata.uid },
      generation: 1,
      placements: [],
      unplaced: 1,
      reason: 'NoFit',
      message: 'no cluster has room',
      basis: 0,
      code: 'test',
      verdicts: [],
    });
    const head = await gateway.log.head();
    await until('the decision is folded', async () => (await gateway.request('GET', '/status')).body.foldedSeq >= head);
    await remember();
    await gateway.request(
      'PATCH',
      `${JOBS}/a`,
      { spec: { replicas: 7 } },
      { 'content-type': 'application/merge-patch+json' },
    );
    await gateway.request('POST', JOBS, jobNamed('b'));
    await remember();
    await gateway.request('DELETE', `${JOBS}/b?gracePeriodSeconds=0`);
    await gateway.request('POST', JOBS, jobNamed('c'));
    await remember();
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
    rmSync(snapshots, { recursive: true });
  });

  it('gives every list as it was, by sequence and by time, whatever is asked first', async () => {
    for (const index of [3, 0, 2, 1, 0, 3]) {
      const { seq, at, jobs } = then[index] as (typeof then)[number];
      for (const when of [String(seq), at]) {
        const { status, text } = await gateway.request('GET', `${JOBS}?at=${encodeURIComponent(when)}`);
        expect([status, JSON.parse(text)]).toEqual([200, JSON.parse(jobs)]);
      }
    }
    expect(names(then[2]?.jobs ?? '')).toEqual(['a', 'b']);
    expect(names(then[3]?.jobs ?? '')).toEqual(['a', 'c']);
  });

  it('gives single objects, in pages, as tables with ages of then, by selector, and as native kinds', async () => {
    const [first, second, third] = then as [(typeof then)[0], (typeof then)[0], (typeof then)[0]];
    const a = await gateway.request('GET', `${JOBS}/a?at=${second.seq}`);
    expect(a.body).toMatchObject({ spec: { replicas: 1 }, status: { phase: 'PENDING' } });
    expect((await gateway.request('GET', `${JOBS}/b?at=${first.seq}`)).status).toBe(404);
    const page = await gateway.request('GET', `${JOBS}?at=${third.seq}&limit=1`);
    expect(names(page.text)).toEqual(['a']);
    const { continue: token } = page.body.metadata as unknown as { continue: string };
    expect(names((await gateway.request('GET', `${JOBS}?at=${third.seq}&limit=1&continue=${token}`)).text)).toEqual([
      'b',
    ]);
    const selected = await gateway.request('GET', `${JOBS}?at=${third.seq}&fieldSelector=metadata.name%3Db`);
    expect(names(selected.text)).toEqual(['b']);
    const table = await gateway.request('GET', `${JOBS}?at=${third.seq}`, undefined, TABLE);
    expect(table.body.kind).toBe('Table');
    const native = await gateway.request('GET', `/api/v1/namespaces?at=${third.seq}`);
    expect(names(native.text)).toContain('default');
    expect(names((await gateway.request('GET', `/api/v1/nodes?at=${third.seq}`)).text)).toEqual([]);
  });

  it('gives the reasons, the history and the revisions of then', async () => {
    const [first, second, third] = then as [(typeof then)[0], (typeof then)[0], (typeof then)[0]];
    interface Told {
      code?: string;
      nowUnknown?: string;
      items: { what?: string; generation?: number }[];
    }
    const read = async (path: string, { seq, at }: (typeof then)[0]): Promise<Told> => {
      const bySequence = await gateway.request('GET', `${JOBS}/${path}?at=${seq}`);
      const byTime = await gateway.request('GET', `${JOBS}/${path}?at=${encodeURIComponent(at)}`);
      expect([byTime.status, byTime.body]).toEqual([200, bySequence.body]);
      return bySequence.body as never;
    };
    expect((await read('a/explain', first)).code).toBeUndefined();
    expect(await read('a/explain', second)).toMatchObject({ code: 'test', nowUnknown: expect.stringMatching(/past/) });
    expect((await read('a/history', first)).items).toHaveLength(1);
    expect((await read('a/history', third)).items.map(({ what }) => what)).toEqual(['Created', 'Waits', 'Changed']);
    expect((await read('a/revisions', first)).items).toHaveLength(1);
    // Gone now.
    expect((await read('b/history', third)).items).toHaveLength(1);
    const early = await gateway.request('GET', `${JOBS}/b/history?at=${first.seq}`);
    expect([early.status, early.body.message]).toEqual([404, expect.stringContaining('had not had it by then')]);
    expect((await gateway.request('GET', `${JOBS}/b/explain?at=${first.seq}`)).status).toBe(404);
  });

  it('gives the events that the log has told by then, on one page', async () => {
    for (const path of ['/api/v1/events', '/apis/events.k8s.io/v1/events']) {
      const counts = [];
      for (const { seq } of then.slice(0, 3)) {
        const { status, body } = await gateway.request('GET', `${path}?at=${seq}&limit=1`);
        expect([status, 'continue' in body.metadata]).toEqual([200, false]);
        counts.push(body.items.length);
      }
      expect(counts[0]).toBeGreaterThan(0);
      expect([...counts].sort((a, b) => a - b)).toEqual(counts);
      expect(counts[2]).toBeGreaterThan(counts[0] ?? 0);
    }
  });

  it('is empty before anything was', async () => {
    expect(names((await gateway.request('GET', `${JOBS}?at=0`)).text)).toEqual([]);
    expect(names((await gateway.request('GET', `${JOBS}?at=2001-01-01T00:00:00Z`)).text)).toEqual([]);
  });

  it.each([
    ['GET', `${JOBS}?at=yesterday`, 400, /^at: invalid value "yesterday": give an RFC 3339 time/],
    ['GET', `${JOBS}?at=`, 400, /^at: invalid value ""/],
    ['GET', `${JOBS}?at=999999`, 400, /^at: sequence 999999 is beyond the end of the log \(\d+\)/],
    ['GET', `${JOBS}?at=2990-01-01T00:00:00Z`, 400, /^at: .* is in the future/],
    ['GET', `${JOBS}?at=3&watch=true`, 400, /^at: only get, list and logs read the past, this is watch/],
    ['DELETE', `${JOBS}/a?at=3`, 400, /^at: only get, list and logs read the past, this is delete/],
    ['GET', '/apis/coordination.k8s.io/v1/leases?at=1', 400, /^at: leases are not in the log/],
    ['GET', `${JOBS}/a/explain?at=yesterday`, 400, /^at: invalid value "yesterday"/],
    ['GET', `${JOBS}/a/history?at=999999`, 400, /^at: sequence 999999 is beyond the end/],
  ])('%s %s is refused', async (method, path, code, message) => {
    const head = await gateway.log.head();
    const { status, body } = await gateway.request(method, path);
    expect([status, body.kind]).toEqual([code, 'Status']);
    expect(body.message).toMatch(message);
    expect(await gateway.log.head()).toBe(head);
  });

  it('begins with a snapshot, and says 410 for what was purged before one', async () => {
    await gateway.stop();
    gateway = await startGatewayFixture(nats.url, snapshots);
    await gateway.request('POST', JOBS, jobNamed('d'));
    const snapshotSeq = then[3]?.seq ?? 0;
    await gateway.nats.request(`$JS.API.STREAM.PURGE.${STREAM}`, JSON.stringify({ seq: snapshotSeq }));
    const after = await gateway.request('GET', `${JOBS}?at=${await gateway.log.head()}`);
    expect([after.status, names(after.text)]).toEqual([200, ['a', 'c', 'd']]);
    const before = await gateway.request('GET', `${JOBS}?at=${then[0]?.seq}`);
    expect([before.status, before.body.reason]).toEqual([410, 'Gone']);
    expect(before.body.message).toMatch(/^at: sequence \d+ cannot be read any more: the log has been purged up to \d+/);
    const tooOld = await gateway.request('GET', `${JOBS}?at=2001-01-01T00:00:00Z`);
    expect(tooOld.status).toBe(410);
  });
});
