/**
 * Carries a TCP connection over a stream of a session, both ways, with the reader's pace: what one end does not read, the other
 * cannot write. A FIN travels as the end of that direction alone; a reset, or the loss of the session, as a reset.
 */
import { constants, type Http2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** Resolves when both ends are closed; true: both directions were ended in order. */
export function relay(socket: Socket, stream: Http2Stream): Promise<boolean> {
  return new Promise((resolve) => {
    let isClean = true;
    const reset = (): void => {
      isClean = false;
      socket.resetAndDestroy();
      // Not close(): that would end the stream first, and a broken connection would look like a finished one.
      if (!stream.destroyed) stream.destroy(new Error('reset'));
    };
    socket.once('error', reset);
    stream.once('error', reset);
    stream.once('aborted', reset);
    stream.once('close', () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || !stream.readableEnded || !stream.writableFinished) reset();
      if (socket.closed) resolve(isClean);
    });
    socket.once('close', () => {
      // Destroyed before both directions had ended.
      if (!stream.closed && !(socket.readableEnded && socket.writableFinished)) reset();
      if (stream.closed) resolve(isClean);
      else stream.once('close', () => resolve(isClean));
    });
    socket.pipe(stream);
    stream.pipe(socket);
  });
}
