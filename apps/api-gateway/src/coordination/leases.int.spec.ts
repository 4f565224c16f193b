/** Leases through two gateways on one nats-server, as controllers use them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LEASE_OBJECT_BUCKET } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, startGatewayFixture, until } from '../testing/gateway-fixture.js';

const GROUP = '/apis/coordination.k8s.io/v1';
const LEASES = `${GROUP}/namespaces/default/leases`;
const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('leases', () => {
  let nats: NatsFixture;
  let one: GatewayFixture;
  let other: GatewayFixture;

  const lease = (name: string, holder: string, more: object = {}): object => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, labels: { app: name.split('.')[0] } },
    spec: { holderIdentity: holder, leaseDurationSeconds: 15, renewTime: '2026-11-28T16:00:00.123456Z', ...more },
  });
  const holderOf = (body: object): string | undefined =>
    (body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity;

  beforeAll(async () => {
    nats = await startNatsFixture();
    one = await startGatewayFixture(nats.url);
    other = await startGatewayFixture(nats.url);
  });

  afterAll(async () => {
    await one.stop();
    await other.stop();
    await nats.stop();
  });

  it('are made, read, changed and deleted at any gateway, and nothing of it is in the log', async () => {
    const head = await one.log.head();
    const made = await one.request('POST', LEASES, lease('a.b', 'x'));
    expect([made.status, made.body.kind]).toEqual([201, 'Lease']);
    const read = await other.request('GET', `${LEASES}/a.b`);
    expect([read.status, read.body]).toEqual([200, made.body]);
    expect((await other.request('POST', LEASES, lease('a.b', 'y'))).body.reason).toBe('AlreadyExists');
    const patched = await other.request('PATCH', `${LEASES}/a.b`, { spec: { holderIdentity: 'y' } }, MERGE);
    expect([patched.status, holderOf(patched.body)]).toEqual([200, 'y']);
    expect(Number(patched.body.metadata.resourceVersion)).toBeGreaterThan(Number(made.body.metadata.resourceVersion));
    const applied = await one.request('PATCH', `${LEASES}/applied?fieldManager=me`, lease('applied', 'z'), {
      'content-type': 'application/apply-patch+yaml',
    });
    expect([applied.status, holderOf(applied.body)]).toEqual([201, 'z']);
    const listed = await one.request('GET', `${GROUP}/leases?labelSelector=app%3Da`);
    expect(listed.body.items.map(({ metadata }) => metadata.name)).toEqual(['a.b']);
    const dry = await one.request('DELETE', `${LEASES}/a.b?dryRun=All`);
    expect(dry.status).toBe(200);
    expect((await one.request('DELETE', `${LEASES}/a.b`)).status).toBe(200);
    expect((await other.request('GET', `${LEASES}/a.b`)).status).toBe(404);
    // The name is free again.
    expect((await other.request('POST', LEASES, lease('a.b', 'w'))).status).toBe(201);
    expect((await one.request('DELETE', `${LEASES}?labelSelector=app%3Da`)).body.items).toHaveLength(1);
    expect((await other.request('GET', LEASES)).body.items.map(({ metadata }) => metadata.name)).toEqual(['applied']);
    expect(await one.log.head()).toBe(head);
  });

  it('go to one of those who want one at the same time', async () => {
    const gateways = [one, other, one, other, one, other];
    const made = await Promise.all(gateways.map((each, at) => each.request('POST', LEASES, lease('race', `c${at}`))));
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    const { body } = await one.request('GET', `${LEASES}/race`);
    const wanted = (holder: string): object => ({ ...body, spec: { ...body.spec, holderIdentity: holder } });
    const taken = await Promise.all(
      gateways.map((each, at) => each.request('PUT', `${LEASES}/race`, wanted(`t${at}`))),
    );
    expect(taken.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const lost = taken.find(({ status }) => status === 409);
    expect(lost?.body).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('the object has been modified'),
    });
    const gone = await one.request('DELETE', `${LEASES}/race`, {
      preconditions: { resourceVersion: body.metadata.resourceVersion },
    });
    expect([gone.status, gone.body.reason]).toEqual([409, 'Conflict']);
  });

  it('are watched: what others do, from where a list was', async () => {
    const { body } = await one.request('GET', LEASES);
    const path = `${LEASES}?watch=true&resourceVersion=${body.metadata.resourceVersion}&timeoutSeconds=20`;
    const stop = new AbortController();
    const { body: stream } = await fetch(`${one.url}${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: stop.signal,
    });
    const seen: string[] = [];
    const reading = (async () => {
      let rest = '';
      for await (const piece of (stream as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
        const lines = (rest + piece).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name: string } } };
          seen.push(`${type} ${object.metadata.name}`);
        }
      }
    })().catch(() => undefined);
    await other.request('POST', LEASES, lease('watched', 'x'));
    await other.request('PATCH', `${LEASES}/watched`, { spec: { holderIdentity: 'y' } }, MERGE);
    await one.request('DELETE', `${LEASES}/watched`);
    await until('three events', () => seen.length >= 3);
    expect(seen).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
    stop.abort();
    await reading;
    const tooOld = await one.request('GET', `${LEASES}?watch=true&resourceVersion=1`);
    expect(tooOld.text).toContain('"code":410');
  });

  it.each([
    ['POST', LEASES, lease('Bad_Name', 'x'), 422, /metadata.name/],
    [
      'POST',
      LEASES,
      lease('bad', 'x', { leaseDurationSeconds: 0 }),
      422,
      /spec.leaseDurationSeconds: Invalid value: 0/,
    ],
    ['POST', LEASES, lease('bad', 'x', { leaseTransitions: -1 }), 422, /spec.leaseTransitions/],
    ['POST', LEASES, lease('bad', 'x', { renewTime: 'now' }), 422, /renewTime/],
    ['POST', LEASES, lease('bad', 'x', { preferredHolder: 'y' }), 422, /spec.preferredHolder: Forbidden/],
    ['POST', LEASES, lease('bad', 'x'.repeat(70_000)), 403, /as many leases as can be kept .*too large/],
    ['POST', `${GROUP}/namespaces/nowhere/leases`, lease('bad', 'x'), 404, /namespaces "nowhere" not found/],
    ['DELETE', `${LEASES}/nothing`, undefined, 404, /leases.coordination.k8s.io "nothing" not found/],
    ['GET', `${LEASES}?at=1`, undefined, 400, /^at: leases are not in the log/],
  ])('%s %s of what is wrong is refused', async (method, path, body, code, message) => {
    const answer = await one.request(method, path, body);
    expect([answer.status, answer.body.kind]).toEqual([code, 'Status']);
    expect(answer.body.message).toMatch(message);
  });

  it('go with their namespace', async () => {
    const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } };
    await one.request('POST', '/api/v1/namespaces', space);
    const made = await other.request('POST', `${GROUP}/namespaces/team/leases`, lease('ours', 'x'));
    expect(made.status).toBe(201);
    await one.request('DELETE', '/api/v1/namespaces/team');
    await until('nothing of the namespace is left', async () => {
      const { body } = await other.request('GET', `${GROUP}/leases`);
      return !body.items.some(({ metadata }) => metadata.name === 'ours');
    });
  });

  it('outlive the gateways, and a bucket that is lost is made anew with later versions', async () => {
    const kept = await one.request('POST', LEASES, lease('kept', 'x'));
    await other.stop();
    other = await startGatewayFixture(nats.url);
    expect((await other.request('GET', `${LEASES}/kept`)).body).toEqual(kept.body);
    await one.nats.request(`$JS.API.STREAM.DELETE.KV_${LEASE_OBJECT_BUCKET}`, '');
    await until('it is gone', async () => (await one.request('GET', `${LEASES}/kept`)).status === 404);
    const again = await other.request('POST', LEASES, lease('kept', 'y'));
    expect(again.status).toBe(201);
    expect(Number(again.body.metadata.resourceVersion)).toBeGreaterThan(Number(kept.body.metadata.resourceVersion));
    expect((await one.request('GET', `${LEASES}/kept`)).body).toEqual(again.body);
  });
});
