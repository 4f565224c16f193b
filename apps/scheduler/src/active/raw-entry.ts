/** Drafts of the core as entries of the log. */
import { type RawEntry, entryVersion } from '@skyflow/contracts';
import type { Draft } from '@skyflow/domain';
import { uuidv7 } from 'uuidv7';

const ACTOR = 'system:scheduler';

export const rawEntry = ({ type, data, origin }: Draft): RawEntry => ({
  type,
  v: entryVersion(type),
  at: Date.now(),
  actor: ACTOR,
  corr: origin?.corr ?? uuidv7(),
  ...(origin !== undefined && { cause: origin.cause }),
  ...(origin?.trace !== undefined && { trace: origin.trace }),
  data,
});
