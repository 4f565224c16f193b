/**
 * Who is at the other end of a session. A cluster is believed to be itself when its certificate names its SPIFFE ID and is signed by
 * one of *its own* authorities: what another cluster's authority has signed proves nothing, whatever name is in it.
 */
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { gatewayIdentity, type GatewayPeer } from '@skyflow/contracts';

/** That the other end is the gateway of a cluster. */
export interface PeerProof {
  cluster: string;
  certificate: X509Certificate;
  /** ms since the epoch. */
  validTo: number;
}

export type Identified = PeerProof | { refusal: string };

/** Whose signature proves that it is this cluster. */
export type Known = Pick<GatewayPeer, 'cluster' | 'authorities'>;

/** @param identities that whoever is there may have, by cluster. */
export function identifyPeer(
  socket: TLSSocket,
  peers: ReadonlyMap<string, Known>,
  identities: readonly ((cluster: string) => string)[] = [gatewayIdentity],
): Identified {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? { refusal: 'it shows no certificate' } : identify(certificate, peers, identities);
}

export function identify(
  certificate: X509Certificate,
  peers: ReadonlyMap<string, Known>,
  identities: readonly ((cluster: string) => string)[] = [gatewayIdentity],
): Identified {
  const names = (certificate.subjectAltName ?? '').split(', ');
  const peer = [...peers.values()].find(({ cluster }) =>
    identities.some((identity) => names.includes(`URI:${identity(cluster)}`)),
  );
  if (peer === undefined) {
    return {
      refusal: `its certificate is for ${certificate.subjectAltName ?? 'nobody'}, which is no peer of this cluster`,
    };
  }
  if (!isSignedBy(certificate, peer.authorities)) {
    return { refusal: `its certificate says ${peer.cluster}, and no authority of ${peer.cluster} has signed it` };
  }
  const validTo = Date.parse(certificate.validTo);
  if (Date.now() > validTo) return { refusal: `its certificate expired on ${certificate.validTo}` };
  return { cluster: peer.cluster, certificate, validTo };
}

export function isSignedBy(certificate: X509Certificate, authorities: readonly string[]): boolean {
  return authorities
    .map((pem) => new X509Certificate(pem))
    .some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
}
