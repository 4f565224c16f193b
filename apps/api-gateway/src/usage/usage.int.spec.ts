import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decisionSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, jobNamed, startGatewayFixture, until } from '../testing/gateway-fixture.js';
import type { UsageReport } from './usage-report.js';

const SKYFLOW = '/apis/skyflow.io/v1';
const USERS = ['ann', 'bob', 'reader', 'guest', 'nobody'];

/** What is held of clusters from the decision on: replicas of 250 millicores and 32 MiB each. */
const HELD = [
  { user: 'ann', namespace: 'default', name: 'web', cluster: 'one', replicas: 3 },
  { user: 'bob', namespace: 'team', name: 'sums', cluster: 'one', replicas: 1 },
  { user: 'bob', namespace: 'default', name: 'more', cluster: 'two', replicas: 2 },
];

describe('GET /usage', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;
  let directory: string;
  let from: string;
  let to: string;
  /** Replicas × ms until `to`, by each of the three. */
  const expected: Record<string, Record<string, number>> = { user: {}, namespace: {}, cluster: {} };

  const as = (user: string) => ({ authorization: `Bearer token-${user}` });
  const create = async (path: string, body: object, headers = {}): Promise<string> => {
    const answer = await gateway.request('POST', path, body, headers);
    expect([path, answer.status, answer.body.message]).toEqual([path, 201, undefined]);
    return answer.body.metadata.uid;
  };
  const storedAt = async (seq: number): Promise<number> => {
    const { text } = await gateway.request('GET', `/log?from=${seq}&to=${seq}`);
    return (JSON.parse(text) as { storedAt: number }).storedAt;
  };
  const usage = async (query: string): Promise<UsageReport> => {
    const { status, text } = await gateway.request('GET', `/usage?${query}`);
    expect([query, status, status === 200 ? '' : text]).toEqual([query, 200, '']);
    return JSON.parse(text) as UsageReport;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'skyflow-usage-'));
    const tokens = join(directory, 'tokens');
    await writeFile(tokens, USERS.map((name) => `token-${name} ${name} `).join('\n'));
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url, directory, { SKYFLOW_TOKENS_FILE: tokens });
    from = new Date().toISOString();
    await create(`${SKYFLOW}/namespaces`, { metadata: { name: 'team' } });
    const bind = (name: string, role: string, subjects: string[], more = {}) =>
      create(`${SKYFLOW}/rolebindings`, {
        metadata: { name },
        roleRef: { name: role },
        subjects: subjects.map((subject) => ({ kind: 'User', name: subject })),
        ...more,
      });
    await bind('admins', 'admin-role', ['ann', 'bob']);
    await bind('readers', 'reader-role', ['reader']);
    await bind('guests', 'reader-role', ['guest'], { namespaces: ['team'] });
    await gateway.append(decisionSubject('scheduler'), 'EpochStarted', { epoch: 1, holder: 'test' });
    const begins: number[] = [];
    for (const { user, namespace, name, cluster, replicas } of HELD) {
      const resources = { requests: { cpu: '250m', memory: '32Mi' } };
      const job = jobNamed(name, {}, { containers: [{ name: 'main', image: 'busybox', resources }] });
      const uid = await create(`${SKYFLOW}/namespaces/${namespace}/jobs`, job, as(user));
      const seq = await gateway.append(decisionSubject('scheduler'), 'PlacementDecided', {
        ...{ epoch: 1, ref: { kind: 'Job', namespace, name, uid }, generation: 1 },
        ...{ placements: [{ cluster, replicas }], unplaced: 0, basis: 0, code: 'test', verdicts: [] },
      });
      begins.push(await storedAt(seq));
    }
    const last = begins.at(-1) ?? 0;
    await until('some time has passed', () => Date.now() > last + 50);
    const toMs = Date.now() - 1;
    to = new Date(toMs).toISOString();
    for (const [index, held] of HELD.entries()) {
      const used = held.replicas * (toMs - (begins[index] ?? 0));
      for (const by of ['user', 'namespace', 'cluster'] as const) {
        const sums = expected[by] as Record<string, number>;
        sums[held[by]] = (sums[held[by]] ?? 0) + used;
      }
    }
    // What comes after `to` does not count.
    await gateway.request('DELETE', `${SKYFLOW}/namespaces/default/jobs/web?gracePeriodSeconds=0`);
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it.each(['user', 'namespace', 'cluster'])('tells by %s what was held, from each decision on', async (by) => {
    const { kind, periods } = await usage(`by=${by}&from=${from}&to=${to}`);
    expect([kind, periods.length, periods[0]?.from, periods[0]?.to]).toEqual(['UsageReport', 1, from, to]);
    const amounts = (replicaMs: number) => ({
      replicaSeconds: replicaMs / 1_000,
      cpuSeconds: expect.closeTo((replicaMs * 0.25) / 1_000, 9),
      memoryByteSeconds: (replicaMs * 32 * 1024 * 1024) / 1_000,
      otherResourceSeconds: {},
    });
    const wanted = Object.entries(expected[by] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(periods[0]?.items).toEqual(wanted.map(([name, replicaMs]) => ({ name, ...amounts(replicaMs) })));
    expect(periods[0]?.total).toEqual(amounts(wanted.reduce((sum, [, replicaMs]) => sum + replicaMs, 0)));
  });

  it('in periods is the same in sum, whatever was asked before, and begins again where it was', async () => {
    const began = new Date(Date.parse(from) - 3_600_000).toISOString();
    const { periods } = await usage(`by=user&from=${began}&to=${to}&step=600`);
    expect(periods.length).toBe(7);
    expect(periods.slice(1).map((each) => each.from)).toEqual(periods.slice(0, -1).map((each) => each.to));
    const sum = periods.reduce((all, { total }) => all + total.replicaSeconds, 0);
    const whole = Object.values(expected.user ?? {}).reduce((all, replicaMs) => all + replicaMs, 0);
    expect(sum).toBeCloseTo(whole / 1_000, 6);
  });

  it('without a range is of the last day, and what is gone uses nothing any more', async () => {
    const { periods } = await usage('by=cluster');
    const [{ from: began, to: ended } = { from: '', to: '' }] = periods;
    expect(Date.parse(ended) - Date.parse(began)).toBe(86_400_000);
    const { periods: later } = await usage(`by=user&from=${ended}`);
    expect(later[0]?.items.map(({ name }) => name)).toEqual(['bob']);
  });

  it.each([
    ['', /^by: must be one of user, namespace, cluster/],
    ['by=team', /^by: invalid value "team": must be one of user, namespace, cluster/],
    ['by=user&from=yesterday', /^from: invalid value "yesterday": give an RFC 3339 time/],
    ['by=user&from=12', /^from: invalid value "12"/],
    ['by=user&to=2990-01-01T00:00:00Z', /^to: 2990.* is in the future/],
    ['by=user&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', /^from: 2026-01-02.* is not before to: 2026-01-01/],
    ['by=user&step=5', /^step: invalid value 5: must be 60 or more/],
    ['by=user&step=60', /^step: 60 seconds make 1440 periods .*366 is the most; give 237 or more/],
    ['by=user&since=1', /^since: .*there is no such parameter/],
  ])('refuses ?%s', async (query, message) => {
    const { status, body } = await gateway.request('GET', `/usage?${query}`);
    expect([status, body.kind]).toEqual([400, 'Status']);
    expect(body.message).toMatch(message);
  });

  it('is for those who have a rule for it, of all namespaces', async () => {
    const statuses = await Promise.all(
      USERS.map(async (user) => {
        const { status, body } = await gateway.request('GET', '/usage?by=user', undefined, as(user));
        if (status === 403) expect(body.message).toMatch(/"get".*"Usage"/);
        return [user, status];
      }),
    );
    expect(Object.fromEntries(statuses)).toEqual({ ann: 200, bob: 200, reader: 200, guest: 403, nobody: 403 });
    expect((await gateway.request('GET', '/usage?by=user', undefined, { authorization: 'Bearer x' })).status).toBe(401);
  });
});
