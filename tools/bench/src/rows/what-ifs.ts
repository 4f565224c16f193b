/** B16: explaining one waiting job over 100 clusters, and a what-if of 10,000 jobs, on a scheduler's state of 100,000 placed ones. */
import { decideRound, explainNow, forkScheduling, newAttempts, roundLimits, simulate } from '@skyflow/domain';
import { cpuMs } from '../processes.js';
import type { Suite } from '../row.js';
import { SchedulingWorld } from '../scheduling-world.js';
import { median, quantile } from '../statistics.js';

const CLUSTERS = 100;
const PLACED = 100_000;
const EXPLAINS = 2_000;
const WHAT_IF_JOBS = 10_000;
const WHAT_IFS = 5;

export const whatIfs: Suite = {
  budgets: [
    { id: 'B16a', name: 'explain one job over 100 clusters: p99', unit: 'ms', better: 'lower', floor: 10, aim: 3 },
    { id: 'B16b', name: 'what-if of 10,000 jobs', unit: 's', better: 'lower', floor: 1, aim: 0.2 },
  ],
  run(report, say) {
    say(`B16: ${PLACED} jobs on ${CLUSTERS} clusters`);
    const world = new SchedulingWorld(CLUSTERS);
    const attempts = newAttempts();
    for (let placed = 0; placed < PLACED; placed += 1_000) {
      world.create(1_000);
      world.decided(decideRound(world.state, roundLimits(1), attempts));
    }
    const uids = world.create(EXPLAINS);
    const explaining = uids.map((uid) => elapsedMs(() => explainNow(world.state, uid, 0)));
    report('B16a', {
      value: quantile(explaining.slice(EXPLAINS / 10), 0.99),
      limit: median(explaining.slice(EXPLAINS / 10)),
      note: 'CPU time, in the scheduler, without HTTP; limit: the median of the same run',
    });
    world.decided(decideRound(world.state, { ...roundLimits(1), decisions: EXPLAINS }, attempts));
    const objects = Array.from({ length: WHAT_IF_JOBS }, () => world.nextJob());
    const change = { objects, deleted: [], clustersDown: [], nodes: [] };
    const simulating = Array.from({ length: WHAT_IFS }, () =>
      elapsedMs(() => simulate(world.state, change, { nowMs: 0, most: 1_000 })),
    );
    const onFork = forkScheduling(world.state);
    const trial = newAttempts();
    const forking = elapsedMs(() => decideRound(onFork, roundLimits(1), trial));
    report('B16b', {
      value: median(simulating) / 1_000,
      note: `CPU time, median of ${WHAT_IFS}; a fork and a look at all clusters on it: ${forking.toFixed(1)} ms`,
    });
    return Promise.resolve();
  },
};

function elapsedMs(work: () => unknown): number {
  const from = cpuMs();
  work();
  return cpuMs() - from;
}
