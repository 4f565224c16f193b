/** B17: how long it takes to read the state at any point of a long log, by a gateway that has just folded it anew. */
import { get } from 'node:http';
import { connect } from '@nats-io/transport-node';
import { JetStreamEventLog } from '@skyflow/event-log';
import { ControlPlane } from '../control-plane.js';
import { JOBS_PATH } from '../jobs.js';
import { fillLongLog } from '../long-log.js';
import { cpuSeconds } from '../processes.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';

const MESSAGES = Number(process.env.SKYFLOW_BENCH_MESSAGES ?? 10_000_000);
const LIVE_JOBS = Number(process.env.SKYFLOW_BENCH_LIVE ?? 20_000);
const POINTS = 40;
const START_WITHIN_MS = 1_800_000;
/** Of a linear congruential generator, so that each run asks for the same points. */
const [FACTOR, STEP, MODULUS] = [1_664_525, 1_013_904_223, 2 ** 32];

export const past: Suite = {
  budgets: [
    { id: 'B17a', name: 'a read of any past point of the log: worst', unit: 's', better: 'lower', floor: 5, aim: 2 },
    { id: 'B17b', name: 'a read of the middle of the log', unit: 's', better: 'lower', floor: 5, aim: 2 },
  ],
  async run(report, say) {
    // Filling the log is not what is measured: no fsync.
    const plane = await ControlPlane.start({ syncAlways: false });
    const connection = await connect({ servers: plane.nats.url });
    try {
      const log = await JetStreamEventLog.open({ connection });
      say(`B17: filling the log with ${MESSAGES.toLocaleString('en-US')} messages`);
      const rate = await fillLongLog(connection, { messages: MESSAGES, live: LIVE_JOBS });
      const head = await log.head();
      await log.close();
      say(`B17: ${head.toLocaleString('en-US')} messages, ${rate.toFixed(0)} a second; the gateway folds them`);
      const replayMs = await plane.startService('api-gateway', START_WITHIN_MS);
      const folded = `folded anew in ${(replayMs / 1_000).toFixed(0)} s`;
      say(`B17: ${folded}; reading ${POINTS} points`);
      const middle = await read(plane, Math.floor(head / 2));
      const samples: Sample[] = [];
      for (const point of randomPoints(head)) samples.push(await read(plane, point));
      const seconds = samples.map((each) => each.seconds);
      const cpu = samples.map((each) => each.cpu);
      report('B17a', {
        value: Math.max(...seconds),
        note:
          `${POINTS} random points of ${head.toLocaleString('en-US')} messages, ${LIVE_JOBS.toLocaleString('en-US')} live jobs, ${folded}; ` +
          `median ${quantile(seconds, 0.5).toFixed(2)} s; CPU of the gateway: worst ${Math.max(...cpu).toFixed(2)} s, median ${quantile(cpu, 0.5).toFixed(2)} s`,
      });
      report('B17b', { value: middle.seconds, note: `the first that is asked for; CPU ${middle.cpu.toFixed(2)} s` });
    } finally {
      await connection.close();
      await plane.stop();
    }
  },
};

function randomPoints(head: number): number[] {
  let state = 17;
  return Array.from({ length: POINTS }, () => {
    state = (state * FACTOR + STEP) % MODULUS;
    return 1 + Math.floor((state / MODULUS) * head);
  });
}

interface Sample {
  seconds: number;
  /** CPU time that the gateway took meanwhile, s. */
  cpu: number;
}

async function read(plane: ControlPlane, sequence: number): Promise<Sample> {
  const gateway = plane.pidOf('api-gateway');
  const cpu = cpuSeconds(gateway);
  const from = performance.now();
  await pageAt(plane, sequence);
  return { seconds: (performance.now() - from) / 1_000, cpu: cpuSeconds(gateway) - cpu };
}

/** As a user reads it: a page of jobs. node:http, as fetch adds time of its own. */
async function pageAt(plane: ControlPlane, sequence: number): Promise<void> {
  const path = `${JOBS_PATH}?limit=1&at=${sequence}`;
  await new Promise<void>((resolve, reject) => {
    get(
      {
        ...{ host: '127.0.0.1', port: plane.httpPort, path },
        headers: { authorization: `Bearer ${plane.token}` },
      },
      (response) => {
        response.resume();
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`${path} answered ${response.statusCode}`)),
        );
      },
    ).once('error', reject);
  });
}
