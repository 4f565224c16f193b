/**
 * Score Balance: the share of the scarcest requested resource (pods apart) that stays free in the cluster after one more
 * replica. kube-scheduler's LeastAllocated, over clusters. A workload that requests nothing is indifferent.
 */
import type { Score } from './plugin.js';

export const balance: Score = {
  name: 'Balance',
  score: ({ request, scored }, { room }, before) => {
    let share = 1;
    for (const index of scored) {
      const column = request.columns[index] ?? 0;
      const size = room.layout.totalAllocatable[column] ?? 0;
      const left = (room.totalFree[column] ?? 0) - (request.amounts[index] ?? 0) * (before + 1);
      share = Math.min(share, left / Math.max(size, 1));
    }
    return 100 * Math.max(share, 0);
  },
};
