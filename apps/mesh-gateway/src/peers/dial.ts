/** Dials a peer: mutual TLS 1.3, with this cluster's identity, and whoever answers must prove to be that peer. */
import { connect, type TLSSocket } from 'node:tls';
import type { GatewayConfig } from '@skyflow/contracts';
import { identifyPeer, type Known, type PeerProof } from './peer-identity.js';

/**
 * Both ends are ours. AES with 128 bits costs a quarter less than OpenSSL's first choice, and is as safe as the certificates are; where a
 * processor has no AES, ChaCha20 is what costs less.
 */
export const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384';

export interface Dial {
  peer: Known;
  /** `host:port`. */
  address: string;
  /** ALPN names, the one that is wanted most first. */
  protocols: string[];
  identity: GatewayConfig['identity'];
  withinMs: number;
}

export interface Dialled {
  socket: TLSSocket;
  who: PeerProof;
}

/** @throws Error that says where, and why it is not reached or not believed. */
export async function dialPeer(dial: Dial): Promise<Dialled> {
  const { peer, address } = dial;
  const socket = await handshake(dial);
  const who = identifyPeer(socket, new Map([[peer.cluster, peer]]));
  if ('refusal' in who) {
    socket.destroy();
    throw new Error(`${address}: ${who.refusal}`);
  }
  return { socket, who };
}

function handshake({ peer, address, protocols, identity, withinMs }: Dial): Promise<TLSSocket> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address.slice(0, at).replace(/^\[|\]$/g, ''),
      port: Number(address.slice(at + 1)),
      // The server learns which cluster is meant; nothing else is in clear.
      servername: `${peer.cluster}.sky-mesh`,
      ALPNProtocols: protocols,
      minVersion: 'TLSv1.3',
      ciphers: CIPHERS,
      ca: peer.authorities,
      cert: identity.certificate,
      key: identity.privateKey,
      // The chain is checked by OpenSSL; whose it is, by identifyPeer.
      checkServerIdentity: () => undefined,
    });
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${withinMs} ms`)), withinMs);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once('error', (error: Error) => {
      clearTimeout(timer);
      reject(new Error(`${address}: ${error.message}`, { cause: error }));
    });
  });
}
