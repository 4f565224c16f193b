/** Times and sizes that both ends of a link use. */
export interface LinkTimes {
  /** A side with nothing to say says that it is alive this often. */
  aliveMs?: number;
  /** A side that heard nothing for this long takes the other for dead. */
  silenceMs?: number;
}

export const ALIVE_MS = 3_000;
export const SILENCE_MS = 10_000;

/** Bytes that may be on their way to a client that is not reading: what one stream may hold in memory. */
export const WINDOW_BYTES = 512 * 1024;

/** Marks a request that asks for a stream; a request without it gets one plain reply. */
export const LINK_HEADER = 'Sky-Link';
export const LINK_VERSION = '1';
/** Bytes that the client has room for at the beginning. */
export const WINDOW_HEADER = 'Sky-Link-Window';
/** The client will send bytes too; the agent's side grants how many. */
export const INPUT_HEADER = 'Sky-Link-Input';
/** Trace context of whoever asks (W3C Trace Context); absent: it is not traced. */
export const TRACE_HEADER = 'traceparent';
/** Error of a plain reply, named as in NATS micro services (ADR-32). */
export const ERROR_CODE_HEADER = 'Nats-Service-Error-Code';
export const ERROR_HEADER = 'Nats-Service-Error';
