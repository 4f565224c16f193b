/** The mesh core as a fold of the log. */
import { type MeshState, meshStateFold } from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

export const meshFold: Fold<MeshState> = meshStateFold;
