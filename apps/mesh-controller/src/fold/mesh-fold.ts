/** The mesh core as a fold of the log. */
import { MESH_STATE_VERSION, type MeshState, decodeMesh, encodeMesh, evolveMesh, initialMesh } from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

export const meshFold: Fold<MeshState> = {
  version: MESH_STATE_VERSION,
  initial: initialMesh,
  evolve: evolveMesh,
  encode: encodeMesh,
  decode: decodeMesh,
};
