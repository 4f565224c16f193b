/**
 * What queues have against clusters that have room for a waiting workload: room that is kept for who comes first, quota, the rest of its
 * gang. Looks at the round as it is when the workload's turn comes; reads only.
 */
import type { ClusterVerdict } from '@skyflow/contracts';
import type { Candidate } from '../pipeline/shape-view.js';
import { Reason } from '../reasons.js';
import { roundLimits } from '../round-limits.js';
import type { SchedulingState, WorkloadRecord } from '../state.js';
import { quotaAdmission } from '../queueing/admission.js';
import { inLine } from '../queueing/lines.js';
import { neverTogether } from '../queueing/never-together.js';
import { roundBefore } from '../queueing/decide-queued-round.js';
import { type RoundContext, candidatesOf, leafOf, missingOf } from '../queueing/round-context.js';
import { smallestChange } from './smallest-change.js';

export interface QueueRefusal {
  verdict: Required<Pick<ClusterVerdict, 'plugin' | 'reason' | 'message'>>;
  /** What would help; for people. */
  change: string[];
}

export interface QueueRefusals {
  /** Of a cluster that has room for a replica. */
  of(candidate: Candidate): QueueRefusal | undefined;
  /** What has to change beside the room of a cluster that has none: some of what is there is kept for others. */
  besideRoom(candidate: Candidate): string[];
}

/** Undefined: no queues are used, or so many are before it that its turn is in a later round. */
export function queueRefusals(
  state: SchedulingState,
  workload: WorkloadRecord,
  nowMs: number,
): QueueRefusals | undefined {
  const { shape } = workload;
  const context = roundBefore(state, workload, roundLimits(state.epoch, nowMs));
  if (context === undefined) return undefined;
  const found = new Map(candidatesOf(context, shape).map((each) => [each.cluster.record.name, each]));
  const overall = ofQuota(context, workload) ?? ofGang(context, workload);
  const keptOn = ({ cluster: { record } }: Candidate): { inTurn: Candidate; names: string } | undefined => {
    const inTurn = found.get(record.name);
    const owners = inTurn === undefined ? undefined : context.shadowed.get(inTurn.cluster);
    const names = namesOf([...(owners ?? [])].filter((owner) => owner !== workload));
    return inTurn === undefined || names === '' ? undefined : { inTurn, names };
  };
  return {
    of: (candidate) => {
      const kept = keptOn(candidate);
      return kept?.inTurn.fits === 0 ? ofKeptRoom(kept.names, candidate.fits) : overall;
    },
    besideRoom: (candidate) => {
      const kept = keptOn(candidate);
      if (kept === undefined) return [];
      const [own, all] = [kept.inTurn, candidate].map(({ cluster }) => smallestChange(shape, cluster) ?? []);
      return own?.join() === all?.join() ? [] : [`${kept.names} placed or gone, as room there is kept for it`];
    },
  };
}

/** @param fits replicas that would fit in what is kept. */
const ofKeptRoom = (names: string, fits: number): QueueRefusal => ({
  verdict: {
    plugin: 'Queues',
    reason: Reason.ROOM_KEPT,
    message: `room for ${String(fits)} is free and kept for ${names}, first in line`,
  },
  change: [`${names} placed or gone, or a higher priority`],
});

function ofQuota(context: RoundContext, workload: WorkloadRecord): QueueRefusal | undefined {
  const leaf = leafOf(context, workload);
  const { most, reason } = quotaAdmission(leaf, workload, missingOf(context, workload));
  if (reason === undefined || (most > 0 && workload.terms.gang === undefined)) return undefined;
  return {
    verdict: { plugin: 'Queues', ...reason },
    change: [`more quota for queue ${leaf.record.name}, or less of it in use`],
  };
}

function ofGang(context: RoundContext, workload: WorkloadRecord): QueueRefusal | undefined {
  const { terms, line } = workload;
  const { gang } = terms;
  if (gang === undefined || line === undefined) return undefined;
  const present = line.terms.users - line.terms.going;
  if (present < gang.size) {
    const message = `${String(present)} of ${String(gang.size)} workloads of gang ${gang.name} are there`;
    return {
      verdict: { plugin: 'Queues', reason: Reason.GANG_INCOMPLETE, message },
      change: [`the other workloads of gang ${gang.name}`],
    };
  }
  if (gang.name !== '') {
    const members = [...inLine(line).keys()].flatMap((uid) => context.state.workloads.get(uid) ?? []);
    const never = neverTogether(context, members, gang.together);
    const message = `gang ${gang.name} is placed whole or not at all`;
    return {
      verdict: {
        plugin: 'Queues',
        reason: Reason.GANG_DOES_NOT_FIT,
        message: never === undefined ? message : `${message}; ${never}`,
      },
      change: [never === undefined ? 'room for the others of its gang' : 'more nodes, or a gang that asks for less'],
    };
  }
  const missing = missingOf(context, workload);
  const fits = candidatesOf(context, workload.shape).map((each) => each.fits);
  const room = gang.together ? Math.max(0, ...fits) : fits.reduce((sum, each) => sum + each, 0);
  if (room >= missing) return undefined;
  const where = gang.together ? 'on one cluster' : 'on all clusters together';
  const message = `all ${String(missing)} replicas must be placed together, ${String(room)} fit ${where}`;
  return {
    verdict: { plugin: 'Queues', reason: Reason.GANG_DOES_NOT_FIT, message },
    change: [`room for ${String(missing - room)} more ${where}`],
  };
}

const namesOf = (workloads: readonly WorkloadRecord[]): string =>
  workloads.map(({ ref: { kind, namespace = '', name } }) => `${kind.toLowerCase()} ${namespace}/${name}`).join(', ');
