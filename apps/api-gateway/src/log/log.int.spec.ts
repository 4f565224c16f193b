import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ShadowReport, shadowReportSubject } from '@skyflow/contracts';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, JOBS, jobNamed, startGatewayFixture } from '../testing/gateway-fixture.js';

interface Line {
  seq: number;
  subject: string;
  storedAt: number;
  commit: { entries: { type: string; data: { object?: { metadata: { name: string } } } }[] };
}

describe('GET /log', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
    for (let i = 0; i < 300; i++)
      await gateway.request('POST', JOBS, jobNamed(`job-${i}`, {}, { hostname: 'x'.repeat(60) }));
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  const lines = async (query = ''): Promise<Line[]> => {
    const { status, text, headers } = await gateway.request('GET', `/log${query}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    return text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Line);
  };

  it('gives every commit once, in order', async () => {
    const all = await lines();
    expect(all.map(({ seq }) => seq)).toEqual(
      Array.from({ length: await gateway.log.head() }, (_, index) => index + 1),
    );
    const names = all.flatMap(({ commit }) => commit.entries.map(({ data }) => data.object?.metadata.name));
    for (let i = 0; i < 300; i++) expect(names).toContain(`job-${i}`);
    expect(all.at(-1)).toMatchObject({ subject: 'sky.cmd.0', storedAt: expect.any(Number) });
  });

  it('gives a range, and nothing beyond the end', async () => {
    expect((await lines('?from=5&to=8')).map(({ seq }) => seq)).toEqual([5, 6, 7, 8]);
    expect(await lines('?from=1000000')).toEqual([]);
    expect((await lines(`?from=${await gateway.log.head()}&to=1000000`)).length).toBe(1);
  });

  it.each([
    ['?from=x', /from: invalid value .*must be a whole number/],
    ['?from=0', /from: .*must be 1 or more/],
    ['?from=9&to=8', /to: 8 is before from: 9/],
    ['?since=9', /since: .*no such parameter/],
  ])('refuses %s', async (query, message) => {
    const { status, body } = await gateway.request('GET', `/log${query}`);
    expect(status).toBe(400);
    expect(body.message).toMatch(message);
  });

  it('says that nobody shadows it, and what somebody does who does', async () => {
    const none = await gateway.request('GET', '/log/shadow');
    expect([none.status, none.body.message]).toEqual([404, expect.stringContaining('SKYFLOW_SCHEDULER_SHADOW=true')]);
    const report: ShadowReport = {
      seq: 9,
      by: 'x/2',
      rounds: 1,
      decisions: 2,
      differences: 0,
      newest: [],
      codes: ['x/1'],
    };
    const answering = gateway.nats.subscribe(shadowReportSubject(), {
      callback: (_error, message) => void message.respond(JSON.stringify(report)),
    });
    const { text } = await gateway.request('GET', '/log/shadow');
    expect(JSON.parse(text)).toEqual(report);
    answering.unsubscribe();
  });

  it('is not for strangers', async () => {
    expect((await gateway.request('GET', '/log', undefined, { authorization: 'Bearer nobody' })).status).toBe(401);
  });
});
