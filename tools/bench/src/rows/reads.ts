/** B14, B15: pages of long lists while writes go on, and a thousand watchers with slow readers among them. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ControlPlane } from '../control-plane.js';
import { JOBS_PATH, jobBody } from '../jobs.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';
import { openWatches } from '../watch-clients.js';

const LIST_SIZE = 1_000;
const FEW = 10_000;
/** Listed in pages while writes go on. */
const MANY = Number(process.env.SKYFLOW_BENCH_OBJECTS ?? 200_000);
const PAGE = 500;
const ROUNDS = 20;
const WATCHERS = Number(process.env.SKYFLOW_BENCH_WATCHERS ?? 1_000);
const SLOW_READERS = 20;
const WATCHED_WRITES = 300;
const MIB = 1024 * 1024;

export const reads: Suite = {
  budgets: [
    { id: 'B14a', name: 'a page of 500 of 10,000 jobs: p99', unit: 'ms', better: 'lower', floor: 100, aim: 40 },
    { id: 'B14b', name: 'a page of 500 jobs', unit: 'MiB', better: 'lower', floor: 1, aim: 1 },
    {
      id: 'B14c',
      name: 'pages of 200,000 jobs while writes go on: p99',
      unit: 'ms',
      better: 'lower',
      floor: 100,
      aim: 40,
    },
    {
      id: 'B15',
      name: 'deliveries to 1,000 watchers',
      unit: '/s',
      better: 'higher',
      floor: 100_000,
      aim: 300_000,
    },
  ],
  async run(report, say) {
    const plane = await ControlPlane.start({ syncAlways: false });
    const http = new Http(plane);
    try {
      await plane.startService('api-gateway');
      say(`B14: ${FEW} jobs, in pages of ${PAGE}`);
      for (let made = 0; made < FEW; made += LIST_SIZE) await http.create(`few-${made}`, LIST_SIZE);
      await readAll(http);
      const pages = [];
      for (let round = 0; round < ROUNDS; round += 1) pages.push(...(await readAll(http)).pages);
      report('B14a', {
        value: quantile(
          pages.map(({ ms }) => ms),
          0.99,
        ),
      });
      report('B14b', { value: Math.max(...pages.map(({ bytes }) => bytes)) / MIB });

      say(`B15: ${WATCHERS} watchers, ${SLOW_READERS} that do not read`);
      await watchers(plane, http, report);

      say(`B14: ${MANY} jobs, in pages, while others are created and changed`);
      for (let made = FEW + WATCHED_WRITES; made < MANY; made += LIST_SIZE)
        await http.create(`many-${made}`, LIST_SIZE);
      await pages200k(plane, http, report);
    } finally {
      http.close();
      await plane.stop();
    }
  },
};

type Report = Parameters<Suite['run']>[0];

async function watchers(plane: ControlPlane, http: Http, report: Report): Promise<void> {
  const { version } = await readAll(http);
  const before = plane.residentBytes('api-gateway');
  const path = `${JOBS_PATH}?watch=true&resourceVersion=${version}`;
  const clients = await openWatches(plane.httpPort, path, plane.token, { count: WATCHERS, idle: SLOW_READERS });
  try {
    const from = performance.now();
    await http.create('watched', WATCHED_WRITES);
    while (clients.read() < WATCHERS * WATCHED_WRITES) {
      if (performance.now() - from > 120_000) throw new Error(`only ${clients.read()} events came in two minutes`);
      await pause(5);
    }
    const seconds = (performance.now() - from) / 1_000;
    const grown = (plane.residentBytes('api-gateway') - before) / MIB;
    report('B15', {
      value: (WATCHERS * WATCHED_WRITES) / seconds,
      note: `${WATCHED_WRITES} jobs created at once; readers on the same machine; ${SLOW_READERS} more that do not read; memory grew by ${grown.toFixed(0)} MiB`,
    });
  } finally {
    clients.close();
  }
}

async function pages200k(plane: ControlPlane, http: Http, report: Report): Promise<void> {
  const before = plane.residentBytes('api-gateway');
  const writing = { on: true };
  const writes = (async () => {
    let count = 0;
    while (writing.on) {
      await http.create(`during-${count}`, 10);
      count += 10;
    }
    return count;
  })();
  const first = await readAll(http);
  writing.on = false;
  const written = await writes;
  const grown = (plane.residentBytes('api-gateway') - before) / MIB;
  if (first.names.size !== first.count) throw new Error('an object was on two pages');
  if (first.strangers > 0)
    throw new Error(`${first.strangers} objects were listed that were made after the first page`);
  report('B14c', {
    value: quantile(
      first.pages.map(({ ms }) => ms),
      0.99,
    ),
    note: `${first.count} jobs on ${first.pages.length} pages, each once, ${written} created meanwhile and none of them listed; memory grew by ${grown.toFixed(0)} MiB`,
  });
}

interface Page {
  ms: number;
  bytes: number;
}

/** All pages of one list. `strangers`: what was made after the list began. */
async function readAll(
  http: Http,
): Promise<{ pages: Page[]; names: Set<string>; count: number; strangers: number; version: string }> {
  const pages: Page[] = [];
  const names = new Set<string>();
  let [count, strangers, version] = [0, 0, ''];
  for (let token: string | undefined = ''; token !== undefined;) {
    const { ms, body } = await http.get(`${JOBS_PATH}?limit=${PAGE}&continue=${token}`);
    pages.push({ ms, bytes: body.length });
    const list = JSON.parse(body) as {
      metadata: { continue?: string; resourceVersion: string };
      items: { metadata: { name: string; resourceVersion: string } }[];
    };
    version = list.metadata.resourceVersion;
    for (const { metadata } of list.items) {
      names.add(metadata.name);
      if (Number(metadata.resourceVersion) > Number(version)) strangers += 1;
    }
    count += list.items.length;
    token = list.metadata.continue;
  }
  return { pages, names, count, strangers, version };
}

/** node:http on kept connections: fetch adds time of its own. */
class Http {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 2 });

  constructor(private readonly plane: ControlPlane) {}

  async create(prefix: string, count: number): Promise<void> {
    const items = Array.from({ length: count }, (_, index) => jobBody(`${prefix}-${index}`, '1000'));
    const body = JSON.stringify({ apiVersion: 'skyflow.io/v1', kind: 'JobList', items });
    const { code, body: answer } = await this.send('POST', JOBS_PATH, body);
    if (code !== 201) throw new Error(`create answered ${code}: ${answer.slice(0, 300)}`);
  }

  async get(path: string): Promise<{ ms: number; body: string }> {
    const from = performance.now();
    const { code, body } = await this.send('GET', path);
    const ms = performance.now() - from;
    if (code !== 200) throw new Error(`${path} answered ${code}: ${body.slice(0, 300)}`);
    return { ms, body };
  }

  close(): void {
    this.agent.destroy();
  }

  private send(method: string, path: string, body?: string): Promise<{ code: number; body: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port: this.plane.httpPort, path, method, agent: this.agent },
          headers: { authorization: `Bearer ${this.plane.token}`, 'content-type': 'application/json' },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.once('end', () =>
            resolve({ code: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }),
          );
        },
      );
      sent.once('error', reject);
      sent.end(body);
    });
  }
}
