/** The whole API, driven by its own description: 1,000 requests in CI, 10,000 with SKYFLOW_LONG=1. */
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type NatsFixture, startNatsFixture } from '@skyflow/nats-server/testing';
import { type GatewayFixture, TOKEN, startGatewayFixture } from './testing/gateway-fixture.js';
import { type FuzzedDocument, type FuzzedRequest, requestsOf } from './testing/hostile-requests.js';

const REQUESTS = process.env.SKYFLOW_LONG === '1' ? 10_000 : 1_000;
/** A request that takes longer hangs. */
const HANG_MS = 20_000;
/** Streams that stay open are left after so long. */
const STREAM_MS = 100;
/** Nobody is there to ask: the fixture has no scheduler and no agents. */
const NEEDS_OTHERS = /\/(explain|pods|log|movepreviews|simulations)(\?|$|\/)/;
/** What says so itself: changes of clusters and policies whose moves the scheduler would have to be asked for, and the provisioner's routes. */
const SAYS_NOBODY_IS_THERE = /no (scheduler|provisioner) is active, so nobody can say/;
/** Stack traces, and paths of this machine. */
const LEAKS = [
  /\n\s+at /,
  /\bat \S+ \(/,
  /node_modules/,
  /file:\/\//,
  /\.[jt]s:\d+/,
  new RegExp(process.cwd()),
  /\/(src|dist)\//,
  /TypeError|RangeError|SyntaxError/,
];

interface Creation {
  requestBody: { content: Record<string, { example?: object } | undefined> };
}
interface Answer {
  status: number;
  text: string;
}

describe('whatever is sent to the API', () => {
  let nats: NatsFixture;
  let gateway: GatewayFixture;

  beforeAll(async () => {
    nats = await startNatsFixture();
    gateway = await startGatewayFixture(nats.url);
  });

  afterAll(async () => {
    await gateway.stop();
    await nats.stop();
  });

  it(
    'is answered in time, without a fault, tells nothing of the inside, and is written only if it is accepted',
    async () => {
      const document = JSON.parse((await gateway.request('GET', '/openapi.json')).text) as FuzzedDocument;
      const arbitraries = requestsOf(document, TOKEN);
      const seed = Number(process.env.SKYFLOW_PROPERTY_SEED ?? Date.now() % 2 ** 31);
      const each = Math.ceil(REQUESTS / arbitraries.length);
      const counts = new Map<string, number>();
      const wrong: string[] = [];
      for (const [index, arbitrary] of arbitraries.entries()) {
        for (const request of fc.sample(arbitrary, { seed: seed + index, numRuns: each })) {
          await makeNamed(document, request.template);
          const before = await gateway.log.head();
          const answer = await send(gateway.url, request);
          const found = await faultsOf(request, answer, before);
          wrong.push(
            ...found.map(
              (fault) =>
                `seed ${seed}: ${fault}: ${JSON.stringify(request).slice(0, 2_000)} → ${answer.status} ${answer.text.slice(0, 500)}`,
            ),
          );
          const kind = `${Math.floor(answer.status / 100)}xx`;
          counts.set(kind, (counts.get(kind) ?? 0) + 1);
        }
      }
      expect(wrong.slice(0, 20)).toEqual([]);
      // It got through to where decisions are made, and was not all turned away at the door.
      expect(counts.get('2xx') ?? 0).toBeGreaterThan(REQUESTS / 10);
      expect(counts.get('4xx') ?? 0).toBeGreaterThan(REQUESTS / 10);
      expect(gateway.stopped()).toBeUndefined();
      expect((await gateway.request('GET', '/readyz')).status).toBe(200);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    },
    REQUESTS * 400 + 60_000,
  );

  /** So that there is something to read, change and delete. */
  async function makeNamed({ paths }: FuzzedDocument, template: string): Promise<void> {
    const collection = /^(.*)\/\{name\}(\/|$)/.exec(template)?.[1] ?? '';
    const create = paths[collection]?.post as Creation | undefined;
    const example = create?.requestBody.content['application/json']?.example;
    if (example === undefined) return;
    await gateway.request('POST', collection.replace('{namespace}', 'default'), {
      ...example,
      metadata: { name: 'hello' },
    });
  }

  async function faultsOf({ path }: FuzzedRequest, { status, text }: Answer, before: number): Promise<string[]> {
    const faults: string[] = [];
    const mayBeAlone =
      ((status === 503 || status === 504) && NEEDS_OTHERS.test(path)) ||
      (status === 503 && SAYS_NOBODY_IS_THERE.test(text));
    if (status === 0) faults.push('hangs');
    if (status >= 500 && !mayBeAlone) faults.push('fails');
    if (status >= 400 && LEAKS.some((leak) => leak.test(text))) faults.push('leaks');
    if (status >= 400 && (await writtenSince(before)) > 0) faults.push('is refused and written');
    if (status >= 400 && !isStatus(text)) faults.push('is refused without a Status');
    return faults;
  }

  /** Entries of users: what the gateway does on its own after an earlier request does not count. */
  async function writtenSince(before: number): Promise<number> {
    if ((await gateway.log.head()) === before) return 0;
    let written = 0;
    for await (const { commit } of gateway.log.read({ from: before + 1 })) {
      written += commit.entries.filter(({ actor }) => !actor.startsWith('system:')).length;
    }
    return written;
  }
});

function isStatus(text: string): boolean {
  try {
    return (JSON.parse(text) as { kind?: string }).kind === 'Status';
  } catch {
    // YAML, for who asked for it.
    return /^kind: Status$/m.test(text) || text === '';
  }
}

/** By node:http: fetch would mend half of what is hostile. Status 0: no answer in time. */
function send(url: string, { method, path, headers, body }: FuzzedRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest({ hostname, port, method, path, headers: { ...headers, ...length }, agent: false });
    const hang = setTimeout(() => {
      outgoing.destroy();
      resolve({ status: 0, text: '' });
    }, HANG_MS);
    outgoing.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      const finish = (): void => {
        clearTimeout(hang);
        clearTimeout(leave);
        outgoing.destroy();
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      };
      const isStream = response.headers['content-length'] === undefined;
      const leave = setTimeout(() => isStream && finish(), STREAM_MS);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', finish).on('error', finish);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(hang);
      // A body that was refused unread may cut the connection after the answer.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve({ status: 499, text: '' });
      else reject(new Error(`${method} ${path}: ${error.message}`));
    });
    outgoing.end(body);
  });
}
