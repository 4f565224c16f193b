/** The folds of the whole log that services stand on, in the shape that projections take; what a checkpoint of the log has to hold. */
import { MESH_STATE_VERSION, evolveMesh } from '../mesh/evolve.js';
import { decodeMesh, encodeMesh } from '../mesh/snapshot.js';
import { initialMesh } from '../mesh/state.js';
import { PROVISIONING_STATE_VERSION, evolveProvisioning } from '../provisioning/evolve.js';
import { decodeProvisioning, encodeProvisioning } from '../provisioning/snapshot.js';
import { initialProvisioning } from '../provisioning/state.js';
import { SCHEDULING_STATE_VERSION, evolveScheduling } from '../scheduling/evolve.js';
import { decodeScheduling, encodeScheduling } from '../scheduling/snapshot.js';
import { initialScheduling } from '../scheduling/state.js';

export const schedulingStateFold = {
  version: SCHEDULING_STATE_VERSION,
  initial: initialScheduling,
  evolve: evolveScheduling,
  encode: encodeScheduling,
  decode: decodeScheduling,
} as const;

export const meshStateFold = {
  version: MESH_STATE_VERSION,
  initial: initialMesh,
  evolve: evolveMesh,
  encode: encodeMesh,
  decode: decodeMesh,
} as const;

export const provisioningStateFold = {
  version: PROVISIONING_STATE_VERSION,
  initial: initialProvisioning,
  evolve: evolveProvisioning,
  encode: encodeProvisioning,
  decode: decodeProvisioning,
} as const;
