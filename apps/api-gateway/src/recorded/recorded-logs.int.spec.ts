/**
 * Logs that earlier versions wrote, as tests/recorded-logs keeps them, put into a real stream: a gateway of now serves what it served then.
 * What a later version adds to an object is allowed, what it changes or leaves out is not.
 *
 * `SKYFLOW_RECORD_OUTCOMES=true` writes the outcome of a log that has none yet, beside it; one that is there is never written again.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import type { Commit } from '@skyflow/contracts';
import { JetStreamEventLog } from '@skyflow/event-log';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, startGatewayFixture } from '../testing/gateway-fixture.js';

interface Line {
  seq: number;
  subject: string;
  commit: Commit;
}
interface Item {
  metadata: { resourceVersion?: string };
}
/** Items by path of the list. */
type Outcome = Record<string, Item[]>;

const same = (item: Item): Item => item;
/** Nodes are mirrors: their versions are of the process that shows them. */
const unversioned = ({ metadata: { resourceVersion: _version, ...metadata }, ...rest }: Item): Item => ({
  ...rest,
  metadata,
});

const folder = fileURLToPath(new URL('../../../../tests/recorded-logs/', import.meta.url));
const logs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.log.gz'));
const textOf = (path: string): string => gunzipSync(readFileSync(path)).toString();

describe.each(logs)('the recorded log %s', (path) => {
  let nats: NatsFixture | undefined;
  let gateway: GatewayFixture | undefined;

  afterEach(async () => {
    await gateway?.stop();
    await nats?.stop();
  });

  it('is served as it was served then', async () => {
    const lines = textOf(folder + path)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    nats = await startNatsFixture();
    await store(nats.url, lines);
    gateway = await startGatewayFixture(nats.url);
    const outcome = await served(gateway, lines.at(-1)?.seq ?? 0);
    expect(Object.values(outcome).flat().length).toBeGreaterThan(10);

    const file = folder + path.replace(/\.log\.gz$/, '.objects.json.gz');
    if (process.env.SKYFLOW_RECORD_OUTCOMES === 'true' && !existsSync(file)) {
      writeFileSync(file, gzipSync(JSON.stringify(outcome), { level: 9 }));
    }
    const then = JSON.parse(textOf(file)) as Outcome;
    expect(Object.keys(outcome)).toEqual(expect.arrayContaining(Object.keys(then)));
    for (const [list, items] of Object.entries(then)) {
      expect([list, outcome[list]?.length]).toEqual([list, items.length]);
      expect(outcome[list]).toMatchObject(items);
    }
  }, 60_000);
});

/** Appends the commits at the sequences that they had. */
async function store(url: string, lines: readonly Line[]): Promise<void> {
  const connection = await connect({ servers: url });
  const log = await JetStreamEventLog.open({ connection });
  for (const { seq, subject, commit } of lines) {
    const { id, writer, entries } = commit;
    const appended = await log.append(subject, { id, writer, entries }, await log.subjectHead(subject));
    expect(appended.seq).toBe(seq);
  }
  await log.close();
  await connection.close();
}

/** Every list of what is in the log, as it was after a commit: what this gateway and its clock add does not count. */
async function served(gateway: GatewayFixture, seq: number): Promise<Outcome> {
  const outcome: Outcome = {};
  const get = async (path: string): Promise<{ status: number; body: unknown; message: string }> => {
    const { status, text, body } = await gateway.request('GET', path);
    return { status, body: JSON.parse(text) as unknown, message: body.message };
  };
  const groups = (await get('/apis')).body as { groups: { versions: { groupVersion: string }[] }[] };
  const versions = groups.groups.flatMap((group) => group.versions.map(({ groupVersion }) => `/apis/${groupVersion}`));
  for (const version of ['/api/v1', ...versions]) {
    const { resources } = (await get(version)).body as { resources: { name: string; verbs: string[] }[] };
    for (const { name, verbs } of resources) {
      if (name.includes('/') || !verbs.includes('list')) continue;
      const { status, body, message } = await get(`${version}/${name}?at=${String(seq)}`);
      if (status === 400 && /are not in the log/.test(message)) continue;
      expect([version, name, status]).toEqual([version, name, 200]);
      outcome[`${version}/${name}`] = (body as { items: Item[] }).items.map(name === 'nodes' ? unversioned : same);
    }
  }
  return outcome;
}
