/** The scheduling core as a fold of the log. */
import {
  SCHEDULING_STATE_VERSION,
  type SchedulingState,
  decodeScheduling,
  encodeScheduling,
  evolveScheduling,
  initialScheduling,
} from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

export const schedulingFold: Fold<SchedulingState> = {
  version: SCHEDULING_STATE_VERSION,
  initial: initialScheduling,
  evolve: evolveScheduling,
  encode: encodeScheduling,
  decode: decodeScheduling,
};
