/** B7: from the scheduler's decision to the agent having it, on a whole idle SkyFlow. */
import { setTimeout as pause } from 'node:timers/promises';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { JetStreamEventLog } from '@skyflow/event-log';
import { Instance } from '../instance.js';
import { JOBS_PATH, jobBody } from '../jobs.js';
import { idleAppendP99Ms } from '../log-limit.js';
import type { Suite } from '../row.js';
import { quantile } from '../statistics.js';

/** Fewer than the pods that two embedded nodes take. */
const JOBS = 200;

export const propagation: Suite = {
  budgets: [{ id: 'B7', name: 'placed → agent has it: p99', unit: 'ms', better: 'lower', floor: 100, aim: 20 }],
  async run(report, say) {
    const instance = await Instance.create();
    await instance.up();
    const connection = await connect({
      servers: instance.natsUrl,
      authenticator: nkeyAuthenticator(instance.natsSeed),
    });
    const log = await JetStreamEventLog.open({ connection });
    const stop = new AbortController();
    try {
      say(`B7: ${JOBS} jobs, 20 ms apart`);
      const decidedAt = new Map<string, number>();
      const samples: number[] = [];
      const following = (async () => {
        // The follower is what an agent's projection is made of; it reads what both sides wrote, on the same clock.
        for await (const next of log.follow({
          from: (await log.head()) + 1,
          subjects: ['sky.evt.scheduler', 'sky.work.*'],
          signal: stop.signal,
        })) {
          if (next.type !== 'commits') continue;
          const now = performance.timeOrigin + performance.now();
          for (const { entry } of next.commits.flatMap(({ commit }) => commit.entries.map((entry) => ({ entry })))) {
            if (entry.type === 'PlacementDecided') decidedAt.set(entry.data.ref.uid, entry.at);
            if (entry.type === 'WorkAssigned')
              samples.push(now - (decidedAt.get(entry.data.object.metadata.uid) ?? now));
          }
        }
      })();
      for (let index = 0; index < JOBS; index += 1) {
        const response = await fetch(`http://127.0.0.1:${instance.httpPort}${JOBS_PATH}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
          body: JSON.stringify(jobBody(`b7-${index}`, '1m')),
        });
        await response.arrayBuffer();
        if (response.status !== 201) throw new Error(`create answered ${response.status}`);
        await pause(20);
      }
      const deadline = performance.now() + 30_000;
      while (samples.length < JOBS && performance.now() < deadline) await pause(50);
      stop.abort();
      await following;
      if (samples.length < JOBS) throw new Error(`only ${samples.length} of ${JOBS} jobs were placed in 30 s`);
      const limit = await idleAppendP99Ms(instance.natsUrl, 500, instance.natsSeed);
      report('B7', {
        value: quantile(samples, 0.99),
        limit,
        note: 'clock of the decision is in whole milliseconds; limit: p99 of a bare append on the same server',
      });
    } finally {
      stop.abort();
      await log.close();
      await connection.close();
      await instance.remove();
    }
  },
};
