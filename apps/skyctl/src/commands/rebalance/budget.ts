/** The part of a preview that a budget of replicas allows. */
import type { MovePreview, PreviewedMove } from '@skyflow/contracts';
import { objectionToMoves } from '@skyflow/domain';

/** In the order of the preview; the last workload moves as many as are left. Only what is listed can be asked to move. */
export function withinBudget(preview: MovePreview, most = Number.POSITIVE_INFINITY): MovePreview {
  let left = most;
  const moves = preview.moves.flatMap((move): PreviewedMove[] => {
    const from = cut(move.from, left);
    const replicas = sumOf(from);
    left -= replicas;
    return replicas === 0 ? [] : [{ ...move, from, to: cut(move.to, replicas) }];
  });
  const replicas = sumOf(moves.flatMap(({ from }) => from));
  const { objection: _before, ...rest } = preview;
  const objection = objectionToMoves(replicas, preview.waiting, preview.placed);
  return { ...rest, moves, workloads: moves.length, replicas, ...(objection !== undefined && { objection }) };
}

type Shares = PreviewedMove['from'];

const sumOf = (shares: Shares): number => shares.reduce((sum, { replicas }) => sum + replicas, 0);

function cut(shares: Shares, most: number): Shares {
  let left = most;
  return shares.flatMap(({ cluster, replicas }) => {
    const taken = Math.min(left, replicas);
    left -= taken;
    return taken > 0 ? [{ cluster, replicas: taken }] : [];
  });
}
