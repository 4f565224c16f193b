/** The fold of the whole log into the read model, in the shape that projections take. */
import { decodeObjects, encodeObjects } from './snapshot-objects.js';
import { OBJECTS_FOLD_VERSION, evolveObjects, ignoresForObjects } from './evolve-objects.js';
import { initialObjects } from './objects-state.js';

export const objectsFold = {
  version: OBJECTS_FOLD_VERSION,
  initial: initialObjects,
  evolve: evolveObjects,
  ignores: ignoresForObjects,
  encode: encodeObjects,
  decode: decodeObjects,
} as const;
