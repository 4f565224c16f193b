import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture, until } from './testing/gateway-fixture.js';

let nats: NatsFixture;
let snapshots: string;
let gateway: GatewayFixture | undefined;

beforeEach(async () => {
  nats = await startNatsFixture();
  snapshots = await mkdtemp(join(tmpdir(), 'skyflow-snapshots-'));
});

afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await nats.stop();
  await rm(snapshots, { recursive: true, force: true });
});

const names = async (fixture: GatewayFixture): Promise<string[]> =>
  (await fixture.request('GET', JOBS)).body.items.map(({ metadata }) => metadata.name);

describe('what the gateway acknowledged', () => {
  it('is the same after a restart, with and without its snapshots', async () => {
    gateway = await startGatewayFixture(nats.url, snapshots);
    for (const name of ['a', 'b', 'c']) await gateway.request('POST', JOBS, jobNamed(name, { replicas: 2 }));
    await gateway.request('DELETE', `${JOBS}/b`);
    const before = (await gateway.request('GET', JOBS)).body;
    await gateway.stop();

    gateway = await startGatewayFixture(nats.url, snapshots);
    expect((await gateway.request('GET', JOBS)).body).toEqual(before);
    await gateway.stop();

    await rm(snapshots, { recursive: true, force: true });
    gateway = await startGatewayFixture(nats.url, snapshots);
    expect((await gateway.request('GET', JOBS)).body).toEqual(before);
  });

  it('is still there after nats-server was killed (SIGKILL) while jobs were created, each once', async () => {
    const running = await startGatewayFixture(nats.url);
    gateway = running;
    const acknowledged = new Set<string>();
    const unknown = new Set<string>();
    let next = 0;
    let creating = true;
    const client = async (): Promise<void> => {
      while (creating) {
        const name = `job-${String((next += 1))}`;
        const { status, body } = await running.request('POST', JOBS, jobNamed(name));
        if (status === 201) acknowledged.add(name);
        else {
          expect([status, body.kind]).toEqual([503, 'Status']);
          unknown.add(name);
        }
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await until('the first jobs', () => acknowledged.size > 50);
    await nats.kill9();
    const refused = async (): Promise<boolean> =>
      (await running.request('POST', JOBS, jobNamed('refused'))).status === 503;
    await until('refusals while NATS is away', refused);
    expect((await running.request('GET', `${JOBS}/job-1`)).headers.get('warning')).toContain('cannot be reached');
    await nats.restart();
    const reached = acknowledged.size;
    await until('new jobs after the restart', () => acknowledged.size > reached + 50, 30_000);
    creating = false;
    await Promise.all(clients);

    const listed = (await names(running)).filter((name) => name !== 'refused');
    expect(new Set(listed).size).toBe(listed.length);
    expect([...acknowledged].filter((name) => !listed.includes(name))).toEqual([]);
    expect(listed.filter((name) => !acknowledged.has(name) && !unknown.has(name))).toEqual([]);
    expect(running.stopped()).toBeUndefined();
  }, 60_000);

  it('is denied to no write while the log is away: another gateway may have made it', async () => {
    gateway = await startGatewayFixture(nats.url);
    const job = `${JOBS}/made-elsewhere`;
    const known = `${JOBS}/known`;
    await gateway.request('POST', JOBS, jobNamed('known'));
    const patch = { 'content-type': 'application/merge-patch+json' };
    expect((await gateway.request('DELETE', job)).status).toBe(404);
    await nats.kill9();
    const isAway = async (): Promise<boolean> =>
      (await gateway?.request('GET', job))?.headers.get('warning')?.includes('cannot be reached') === true;
    await until('a Warning', isAway);
    const answers = [
      await gateway.request('GET', job),
      await gateway.request('DELETE', job),
      await gateway.request('DELETE', JOBS),
      await gateway.request('PATCH', job, { spec: { replicas: 2 } }, patch),
      await gateway.request('PUT', job, jobNamed('made-elsewhere')),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 503, 503, 503, 503]);
    expect(answers[1]?.body.message).toMatch(/^the log cannot be reached.*; nothing was changed$/);
    expect(answers[1]?.headers.get('retry-after')).toBe('2');
    await nats.restart();
    await until('the log answers', async () => (await gateway?.request('DELETE', known))?.status === 200, 20_000);
    expect((await gateway.request('DELETE', job)).status).toBe(404);
  });

  it('can be watched from before a restart: older versions are replayed from the log', async () => {
    gateway = await startGatewayFixture(nats.url, snapshots);
    const { body } = await gateway.request('POST', JOBS, jobNamed('first'));
    await gateway.request('POST', JOBS, jobNamed('second'));
    await gateway.request('DELETE', `${JOBS}/first`);
    await gateway.stop();
    gateway = await startGatewayFixture(nats.url, snapshots);
    const from = body.metadata.resourceVersion;
    const watch = await gateway.request('GET', `${JOBS}?watch=1&timeoutSeconds=1&resourceVersion=${from}`);
    const events = watch.text.trim().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['ADDED', 'MODIFIED']);
  });
});

describe('two gateways', () => {
  it('see each other’s writes, and never both make an object of one name', async () => {
    const one = await startGatewayFixture(nats.url);
    const two = await startGatewayFixture(nats.url);
    gateway = one;
    try {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? one : two).request('POST', JOBS, jobNamed(`same-${String(index >> 1)}`)),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(20);
      await until('both see all', async () => (await names(one)).length === 20 && (await names(two)).length === 20);
    } finally {
      await two.stop();
    }
  });

  it('create by what the other has stored just now', async () => {
    const one = await startGatewayFixture(nats.url);
    const two = await startGatewayFixture(nats.url);
    gateway = one;
    const turns = Array.from({ length: 30 }, (_, index) => `turn-${String(index)}`);
    const post = async (at: GatewayFixture, path: string, body: object): Promise<number> =>
      (await at.request('POST', path, body)).status;
    const seen: number[][] = [];
    try {
      for (const name of turns) {
        const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
        const jobs = `/apis/skyflow.io/v1/namespaces/${name}/jobs`;
        seen.push([
          await post(one, '/api/v1/namespaces', namespace),
          await post(two, jobs, jobNamed('job')),
          await post(one, jobs, jobNamed('job')),
        ]);
      }
    } finally {
      await two.stop();
    }
    expect(seen).toEqual(turns.map(() => [201, 201, 409]));
  });

  it('read, change and delete what the other has stored just now, and list it', async () => {
    const one = await startGatewayFixture(nats.url);
    const two = await startGatewayFixture(nats.url);
    gateway = one;
    const patch = { 'content-type': 'application/merge-patch+json' };
    const seen: unknown[] = [];
    try {
      for (let index = 0; index < 30; index++) {
        const job = `${JOBS}/turn-${String(index)}`;
        const created = await one.request('POST', JOBS, jobNamed(`turn-${String(index)}`));
        const listed = (await names(two)).length - index;
        const scaled = await two.request('PATCH', job, { spec: { replicas: 3 } }, patch);
        const read = (await one.request('GET', job)).body.spec;
        const deleted = await one.request('DELETE', job);
        const ends = (await two.request('GET', job)).body.metadata.deletionTimestamp !== undefined;
        seen.push([created.status, listed, scaled.status, read, deleted.status, ends]);
      }
    } finally {
      await two.stop();
    }
    const replicas: unknown = expect.objectContaining({ replicas: 3 });
    expect(seen).toEqual(seen.map(() => [201, 1, 200, replicas, 200, true]));
  });
});
