/** The scheduling core as a fold of the log. */
import { type SchedulingState, schedulingStateFold } from '@skyflow/domain';
import type { Fold } from '@skyflow/event-log';

export const schedulingFold: Fold<SchedulingState> = schedulingStateFold;
