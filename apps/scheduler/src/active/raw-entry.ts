/** Drafts of the core as entries of the log. */
import { type RawEntry, entryVersion } from '@skyflow/contracts';
import type { Draft } from '@skyflow/domain';
import { uuidv7 } from 'uuidv7';

const ACTOR = 'system:scheduler';

/** @param trace of the span that it is written in; absent: that of what it follows from. */
export const rawEntry = ({ type, data, origin }: Draft, trace = origin?.trace): RawEntry => ({
  type,
  v: entryVersion(type),
  at: Date.now(),
  actor: ACTOR,
  corr: origin?.corr ?? uuidv7(),
  ...(origin !== undefined && { cause: origin.cause }),
  ...(trace !== undefined && { trace }),
  data,
});
