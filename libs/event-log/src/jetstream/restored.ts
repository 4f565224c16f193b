/**
 * What a restored log says of itself: its commits were stored again, and carry beside them when they had been stored first. The stream says
 * up to which sequence that is so, so that all others are read without looking for it.
 */
import type { MsgHdrs } from '@nats-io/transport-node';

/** Metadata of the stream: last sequence that was restored. */
export const RESTORED_TO = 'skyflow.io/restored-to';
/** Header of a restored commit: ms since the epoch. */
export const STORED_AT = 'Sky-Stored-At';

/** 0: nothing was restored. */
export function restoredTo(config: Readonly<Record<string, unknown>>): number {
  const metadata = config.metadata as Readonly<Record<string, string>> | undefined;
  return Number(metadata?.[RESTORED_TO] ?? 0);
}

export function storedAtOf(sent: MsgHdrs | undefined): number | undefined {
  const text = sent?.get(STORED_AT) ?? '';
  return text === '' ? undefined : Number(text);
}

/** @param block of headers as JetStream's API gives it */
export function storedAtIn(block: string): number | undefined {
  const text = /^Sky-Stored-At: ?(\d+)/m.exec(block)?.[1];
  return text === undefined ? undefined : Number(text);
}
