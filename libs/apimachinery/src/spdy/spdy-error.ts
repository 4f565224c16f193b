/** What the other side sent is not SPDY/3.1, or it reset a stream. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError';
}
