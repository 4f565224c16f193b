/**
 * Client certificates, as kube-apiserver reads them: the common name is the user, organisations are groups. The TLS layer has checked the
 * chain; a connection's certificate does not change, so it is read once.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { AUTHENTICATED, type Identity } from '@skyflow/domain';
import type { Proof } from './authenticator.js';

export class ClientCertificates implements Proof {
  private readonly known = new WeakMap<Socket, Identity>();

  byConnection({ socket }: IncomingMessage): Identity | undefined {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
    const before = this.known.get(socket);
    if (before !== undefined) return before;
    const { subject } = socket.getPeerCertificate() as { subject?: { CN?: string | string[]; O?: string | string[] } };
    const [name = ''] = listed(subject?.CN);
    if (name === '') return undefined;
    const identity = { name, groups: [...listed(subject?.O), AUTHENTICATED] };
    this.known.set(socket, identity);
    return identity;
  }
}

const listed = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
