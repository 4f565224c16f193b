/** A Status object as an answer. */
import type { ServerResponse } from 'node:http';
import type { StatusError } from '@skyflow/apimachinery';

/** @param close the connection is of no use any more (a body was not read). */
export function sendStatus(response: ServerResponse, error: StatusError, close = false): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(error.toBody());
  const retryAfter = error.details?.retryAfterSeconds;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  if (close) response.setHeader('connection', 'close');
  response.writeHead(error.code, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
