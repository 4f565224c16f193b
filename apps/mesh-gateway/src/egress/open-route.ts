/** Asks a peer for a connection to one of its pods and waits for the verdict; nothing of the client's is sent before it is OK. */
import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { GATEWAY_VERDICTS, type GatewayListener, type GatewayVerdict } from '@skyflow/contracts';
import type { PeerLink } from '../peers/peer-link.js';
import { NoPathError } from '../peers/peer-link.js';
import { HEADER } from '../route.js';

/** The peer, or the path to it, said no. */
export class RouteRefusedError extends Error {
  override readonly name = 'RouteRefusedError';
  constructor(
    readonly verdict: Exclude<GatewayVerdict, 'OK'> | 'NO_PATH',
    message: string,
  ) {
    super(message);
  }
}

export interface RouteRequest {
  listener: GatewayListener;
  pod: string;
  client?: string | undefined;
  probe?: boolean;
  answerMs: number;
}

/** @throws RouteRefusedError */
export function openRoute(link: PeerLink | undefined, request: RouteRequest): Promise<ClientHttp2Stream> {
  const { listener, pod, client, probe, answerMs } = request;
  return new Promise((resolve, reject) => {
    const refuse = (verdict: RouteRefusedError['verdict'], message: string): void =>
      reject(new RouteRefusedError(verdict, message));
    if (link === undefined) {
      refuse('NO_PATH', `${listener.peer} is no peer of this cluster`);
      return;
    }
    let stream: ClientHttp2Stream;
    try {
      stream = link.request({
        [constants.HTTP2_HEADER_METHOD]: 'CONNECT',
        [constants.HTTP2_HEADER_AUTHORITY]: `${pod}.${listener.service}`,
        [HEADER.service]: listener.service,
        [HEADER.port]: listener.servicePort,
        [HEADER.pod]: pod,
        ...(client === undefined ? {} : { [HEADER.client]: client }),
        ...(probe === true ? { [HEADER.probe]: '1' } : {}),
      });
    } catch (error) {
      refuse(
        'NO_PATH',
        error instanceof NoPathError ? error.message : `no stream to ${listener.peer}: ${String(error)}`,
      );
      return;
    }
    const giveUp = (message: string): void => {
      clearTimeout(timer);
      stream.close(constants.NGHTTP2_CANCEL);
      refuse('NO_PATH', message);
    };
    const timer = setTimeout(() => giveUp(`${listener.peer} has not answered within ${answerMs} ms`), answerMs);
    const onError = (error: Error): void => giveUp(`${listener.peer}: ${error.message}`);
    const onClose = (): void => giveUp(`the session to ${listener.peer} ended`);
    stream.once('error', onError);
    stream.once('close', onClose);
    stream.once('response', (headers: IncomingHttpHeaders) => {
      clearTimeout(timer);
      stream.off('close', onClose);
      const verdict = verdictOf(headers);
      if (verdict !== 'OK') {
        stream.once('close', () => stream.off('error', onError));
        stream.close(constants.NGHTTP2_NO_ERROR);
        refuse(verdict, `${listener.peer}: ${String(headers[HEADER.detail] ?? verdict)}`);
        return;
      }
      stream.off('error', onError);
      resolve(stream);
    });
  });
}

/** Whoever does not say OK in words has not said it. */
function verdictOf(headers: IncomingHttpHeaders): GatewayVerdict {
  const verdict = GATEWAY_VERDICTS.find((each) => each === headers[HEADER.verdict]);
  return verdict ?? 'DIAL_FAIL';
}
