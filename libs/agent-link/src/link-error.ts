/** What a stream may end with instead of its end. Codes are HTTP statuses where the agent's side gave one. */

/** Nobody serves the subject: the cluster's agent is not running or not connected. */
export const AGENT_UNAVAILABLE = 'AGENT_UNAVAILABLE';
/** The other side fell silent, or frames were lost on the way (a reconnect of NATS). What came until then is right. */
export const STREAM_BROKEN = 'STREAM_BROKEN';

/** A refusal, or the loss of the other side. The message is for people. */
export class AgentLinkError extends Error {
  override readonly name = 'AgentLinkError';
  constructor(
    /** AGENT_UNAVAILABLE, STREAM_BROKEN, or the HTTP status that the agent's side gave, as text. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The HTTP status to answer with. */
  get httpStatus(): number {
    if (/^[45]\d\d$/.test(this.code)) return Number(this.code);
    return this.code === AGENT_UNAVAILABLE ? 503 : 502;
  }
}

/** The part of an error that crosses the link; anything that names no HTTP status of its own is a 500. */
export function faultOf(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : 'the agent could not serve the request';
  if (error instanceof AgentLinkError) return { code: error.code, message: text };
  return { code: typeof code === 'number' && code >= 400 && code < 600 ? String(code) : '500', message: text };
}
