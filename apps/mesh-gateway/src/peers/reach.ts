/**
 * Whether pods here reach pods of another cluster at the addresses that those have there: by a session of its own to that cluster's
 * gateway, which is a pod. The certificate proves that it is that cluster, so that an address which is taken here too deceives nobody;
 * the bytes come back whole, so that segments of full size pass both ways.
 */
import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { GATEWAY_REACH_PROTOCOL, type GatewayConfig, type GatewayReachAnswer } from '@skyflow/contracts';
import { identifyPeer, type Known } from './peer-identity.js';

/** Several segments of full size each way, whatever the MTU is up to jumbo frames. */
const SENT_BYTES = 64 * 1024;
const WITHIN_MS = 3_000;

/** @param address `host:port` in the pod network of the peer. */
export function reach(
  peer: Known,
  address: string,
  identity: GatewayConfig['identity'],
  withinMs = WITHIN_MS,
): Promise<GatewayReachAnswer> {
  const startedAt = performance.now();
  const at = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const sent = randomBytes(SENT_BYTES);
    const back = createHash('sha256');
    let got = 0;
    let isOpen = false;
    const socket = connectTls({
      host: address.slice(0, at).replace(/^\[|\]$/g, ''),
      port: Number(address.slice(at + 1)),
      servername: `${peer.cluster}.sky-mesh`,
      ALPNProtocols: [GATEWAY_REACH_PROTOCOL],
      minVersion: 'TLSv1.3',
      ca: peer.authorities,
      cert: identity.certificate,
      key: identity.privateKey,
      // The chain is checked by OpenSSL; whose it is, by identifyPeer.
      checkServerIdentity: () => undefined,
    });
    const end = (ok: boolean, message: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok, ms: performance.now() - startedAt, message });
    };
    const timer = setTimeout(() => {
      const how = isOpen
        ? `connected, and ${got} of ${SENT_BYTES} bytes came back: packets of full size are lost; compare the MTU of both pod networks`
        : 'no answer';
      end(false, `${address}: ${how} within ${withinMs} ms`);
    }, withinMs);
    socket.once('error', (error: NodeJS.ErrnoException) => end(false, `${address}: ${error.code ?? error.message}`));
    socket.once('close', () => end(false, `${address}: it ended the session`));
    socket.once('secureConnect', () => {
      const who = identifyPeer(socket, new Map([[peer.cluster, peer]]));
      if ('refusal' in who) {
        end(false, `${address}: ${who.refusal}`);
        return;
      }
      isOpen = true;
      socket.write(sent);
    });
    socket.on('data', (chunk: Buffer) => {
      back.update(chunk);
      got += chunk.length;
      if (got < SENT_BYTES) return;
      const isSame = back.digest().equals(createHash('sha256').update(sent).digest());
      end(isSame, isSame ? `${address} answered with ${SENT_BYTES / 1024} KiB` : `${address}: other bytes came back`);
    });
  });
}

/** The other side: gives back what comes, once. */
export function echo(socket: TLSSocket, withinMs = 2 * WITHIN_MS): void {
  let left = SENT_BYTES;
  const timer = setTimeout(() => socket.destroy(), withinMs);
  socket.once('close', () => clearTimeout(timer));
  socket.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy();
    else socket.write(chunk);
  });
}
