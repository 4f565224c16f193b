/** The domain's fold, recording changes for watches from wherever it begins. */
import { type ObjectsState, objectsFold } from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

/** @param begun told of each state that folding begins with: an empty one, or one from a snapshot. */
export function gatewayFold(begun: (state: ObjectsState) => void): Fold<ObjectsState> {
  return {
    ...objectsFold,
    initial: () => {
      const state = objectsFold.initial();
      begun(state);
      return state;
    },
    decode: async (pieces) => {
      const state = await objectsFold.decode(pieces);
      begun(state);
      return state;
    },
  };
}
