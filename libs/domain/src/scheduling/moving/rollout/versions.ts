/** Which version of a workload a cluster is to have, and whether its object is in memory. */
import type { Position, StoredObject } from '@skyflow/contracts';
import type { Share, WorkloadRecord } from '../../state.js';
import { isReleased } from './rollout.js';

export interface IssuedVersion {
  generation: number;
  position: Position;
  /** Undefined: to be read from the log first. */
  object: StoredObject | undefined;
}

export function versionFor(workload: WorkloadRecord, share: Share): IssuedVersion {
  const { generation, objectAt, object, heldObject } = workload;
  const rollout = workload.moves?.rollout;
  return rollout === undefined || isReleased(rollout, share.cluster)
    ? { generation, position: objectAt, object }
    : { generation: rollout.from.generation, position: rollout.from.position, object: heldObject };
}
