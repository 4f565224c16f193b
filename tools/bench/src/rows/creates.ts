/** B4, B5: creating jobs over HTTP, each durable when it is acknowledged. */
import { Agent, request } from 'node:http';
import autocannon from 'autocannon';
import { ControlPlane } from '../control-plane.js';
import { JOBS_PATH, jobBody } from '../jobs.js';
import { appendedEntriesPerSecond, idleAppendP99Ms } from '../log-limit.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';

const IDLE_CREATES = 1_000;
const LOAD_SECONDS = 10;
const LIST_SIZE = 1_000;

export const creates: Suite = {
  budgets: [
    { id: 'B4', name: 'create one job over HTTP, durable, idle: p99', unit: 'ms', better: 'lower', floor: 5, aim: 2.5 },
    {
      id: 'B5a',
      name: 'creates over HTTP, single, 64 connections',
      unit: '/s',
      better: 'higher',
      floor: 5_000,
      aim: 10_000,
    },
    { id: 'B5b', name: 'creates over HTTP, lists of 1,000', unit: '/s', better: 'higher', floor: 15_000, aim: 30_000 },
  ],
  async run(report, say) {
    const plane = await ControlPlane.start({ syncAlways: true });
    try {
      await plane.startService('api-gateway');
      say('B4: one create after the other');
      await createOneByOne(plane, 'warm', IDLE_CREATES);
      const idle = await createOneByOne(plane, 'idle', IDLE_CREATES);
      report('B4', {
        value: quantile(idle, 0.99),
        limit: await idleAppendP99Ms(plane.nats.url),
        note: 'limit: p99 of a bare append',
      });
      say('B5: 64 connections');
      await load(plane, 'w', 64, 3, 1);
      const single = await load(plane, 's', 64, LOAD_SECONDS, 1);
      const singleLimit = await appendedEntriesPerSecond(plane.nats.url, 8);
      report('B5a', {
        value: single,
        limit: singleLimit,
        note: `gateway and log; limit: appends in commits of 8 (64 connections over 8 in flight)`,
      });
      say('B5: lists');
      const lists = await load(plane, 'l', 4, LOAD_SECONDS, LIST_SIZE);
      report('B5b', {
        value: lists,
        limit: await appendedEntriesPerSecond(plane.nats.url, 1_000),
        note: 'gateway and log, 4 connections; limit: appends in commits of 1,000',
      });
    } finally {
      await plane.stop();
    }
  },
};

/** Latencies in ms. */
async function createOneByOne(plane: ControlPlane, prefix: string, count: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const body = JSON.stringify(jobBody(`${prefix}-${index}`, '1000'));
    const from = performance.now();
    const code = await post(plane, body, agent);
    samples.push(performance.now() - from);
    if (code !== 201) throw new Error(`create answered ${code}`);
  }
  agent.destroy();
  return samples;
}

/** Status code. node:http on a kept connection: fetch adds a millisecond of its own to one request in a hundred. */
function post(plane: ControlPlane, body: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: plane.httpPort,
      path: JOBS_PATH,
      method: 'POST',
      agent,
      headers: headers(plane),
    };
    const sent = request(options, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Objects created per second. */
export async function load(
  plane: ControlPlane,
  prefix: string,
  connections: number,
  seconds: number,
  perRequest: number,
): Promise<number> {
  let next = 0;
  const one = (): object => jobBody(`${prefix}-${next++}`, '1000');
  const body = (): string =>
    perRequest === 1
      ? JSON.stringify(one())
      : JSON.stringify({
          apiVersion: 'skyflow.io/v1',
          kind: 'JobList',
          items: Array.from({ length: perRequest }, one),
        });
  const result = await autocannon({
    url: `http://127.0.0.1:${plane.httpPort}${JOBS_PATH}`,
    connections,
    duration: seconds,
    method: 'POST',
    headers: headers(plane),
    requests: [{ setupRequest: (request) => ({ ...request, body: body() }) }],
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} failed of ${result.requests.total}`);
  return (result['2xx'] * perRequest) / result.duration;
}

const headers = (plane: ControlPlane): Record<string, string> => ({
  authorization: `Bearer ${plane.token}`,
  'content-type': 'application/json',
});
