/** B1, B2: placement decisions in memory, by the code that decides, with all plugins and the verdicts that production keeps. */
import { decideRound, newAttempts, roundLimits } from '@skyflow/domain';
import { cpuMs } from '../processes.js';
import type { Suite } from '../row.js';
import { SchedulingWorld } from '../scheduling-world.js';

const WARM_ROUNDS = 10;
const ROUNDS = 60;
const JOBS_PER_ROUND = 1_000;

export const decisions: Suite = {
  budgets: [
    {
      id: 'B1',
      name: 'placement decisions in memory, 100 clusters',
      unit: '/CPU-s',
      better: 'higher',
      floor: 100_000,
      aim: 500_000,
    },
    {
      id: 'B2',
      name: 'placement decisions in memory, 1,000 clusters',
      unit: '/CPU-s',
      better: 'higher',
      floor: 15_000,
      aim: 60_000,
    },
  ],
  run(report, say) {
    for (const [id, clusters] of [
      ['B1', 100],
      ['B2', 1_000],
    ] as const) {
      say(
        `${id}: ${WARM_ROUNDS + ROUNDS} rounds of ${JOBS_PER_ROUND} on ${clusters} clusters of ten nodes, ten shapes`,
      );
      const { decided, folded } = decisionsPerCpuSecond(clusters);
      report(id, {
        value: decided,
        limit: kernelPerCpuSecond(clusters),
        note: `one core, CPU time; folding them: ${Math.round(folded / 1_000)} k/s; limit: best of so many rows of a typed array, nothing kept`,
      });
    }
    return Promise.resolve();
  },
};

function decisionsPerCpuSecond(clusters: number): { decided: number; folded: number } {
  const world = new SchedulingWorld(clusters);
  const attempts = newAttempts();
  let [decidingMs, foldingMs] = [0, 0];
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    world.create(JOBS_PER_ROUND);
    const from = cpuMs();
    const drafts = decideRound(world.state, roundLimits(1), attempts);
    const between = cpuMs();
    world.decided(drafts);
    const to = cpuMs();
    if (drafts.some(({ data }) => data.unplaced > 0))
      throw new Error('the clusters are full: their nodes are too small');
    if (round < WARM_ROUNDS) continue;
    decidingMs += between - from;
    foldingMs += to - between;
  }
  const made = ROUNDS * JOBS_PER_ROUND * 1_000;
  return { decided: made / decidingMs, folded: made / foldingMs };
}

/** What any scheduler must do at least: find the best of all clusters by two resources, and take from it. */
function kernelPerCpuSecond(clusters: number): number {
  const free = Float64Array.from({ length: 2 * clusters }, (_, index) => 1e9 + index);
  const runs = Math.round(50_000_000 / clusters);
  for (const count of [runs / 10, runs]) {
    const from = cpuMs();
    for (let run = 0; run < count; run++) {
      let best = 0;
      let bestShare = -1;
      for (let cluster = 0; cluster < clusters; cluster++) {
        const share = Math.min((free[2 * cluster] ?? 0) / 1e9, (free[2 * cluster + 1] ?? 0) / 1e9);
        if (share <= bestShare) continue;
        best = cluster;
        bestShare = share;
      }
      free[2 * best] = (free[2 * best] ?? 0) - 100;
      free[2 * best + 1] = (free[2 * best + 1] ?? 0) - 16;
    }
    if (count === runs) return (runs * 1_000) / (cpuMs() - from);
  }
  return 0;
}
