/**
 * The mesh gateway of one cluster: carries connections of this cluster to pods of others, and of others to pods here, over mutual
 * TLS 1.3. It does what its configuration says, whole; it decides nothing and keeps nothing.
 */
import { constants } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import {
  GATEWAY_NODE_PROTOCOL,
  GATEWAY_REACH_PROTOCOL,
  gatewayIdentity,
  type GatewayConfig,
  type GatewayPeer,
  type GatewayProbeAnswer,
  type GatewayReachAnswer,
  type GatewayStatus,
  nodeIdentity,
} from '@skyflow/contracts';
import type { Logger } from '@skyflow/service';
import { Egress } from './egress/egress.js';
import { Ingress } from './ingress/ingress.js';
import { LIMITS, type Limits } from './limits.js';
import { NodeBook } from './nodes/node-book.js';
import { CIPHERS } from './peers/dial.js';
import { identifyPeer } from './peers/peer-identity.js';
import { PeerLink } from './peers/peer-link.js';
import { servedProtocols } from './peers/protocols.js';
import { echo, reach } from './peers/reach.js';
import { Traffic } from './relay/traffic.js';

export interface GatewayOptions {
  /** Where peers dial it; absent: it can only dial. */
  listen?: { host: string; port: number } | undefined;
  logger: Logger;
  limits?: Partial<Limits>;
}

const DRAIN_CHECK_MS = 50;

export class Gateway {
  private readonly startedAt = Date.now();
  private readonly limits: Limits;
  private readonly traffic = new Traffic();
  private readonly nodes = new NodeBook();
  private readonly links = new Map<string, PeerLink>();
  private readonly ingress: Ingress;
  private readonly egress: Egress;
  private peers = new Map<string, GatewayPeer>();
  private config: GatewayConfig | undefined;
  private server: Server | undefined;
  private listening: string | undefined;
  /** Certificates that the server shows and accepts, as JSON. */
  private context: string | undefined;

  constructor(private readonly options: GatewayOptions) {
    const { logger } = options;
    this.limits = { ...LIMITS, ...options.limits };
    this.ingress = new Ingress({ limits: this.limits, traffic: this.traffic, logger });
    this.egress = new Egress(
      {
        link: (cluster) => this.links.get(cluster),
        traffic: this.traffic,
        answerMs: this.limits.answerMs,
        pathWaitMs: this.limits.pathWaitMs,
        logger,
      },
      this.limits,
    );
  }

  /** Resolves when it does what the configuration says. @throws the error of listen(2) for the port that peers dial. */
  async configure(config: GatewayConfig): Promise<void> {
    const before = this.config;
    this.config = config;
    this.peers = new Map(config.peers.map((peer) => [peer.cluster, peer]));
    // What is not exported any more must be refused before anything else happens.
    this.ingress.configure(config.exports);
    for (const [cluster, link] of this.links) {
      if (this.peers.has(cluster)) continue;
      link.close('now');
      this.links.delete(cluster);
    }
    await this.listen(config);
    const isRenewed = before !== undefined && before.identity.certificate !== config.identity.certificate;
    const used = new Set(config.listeners.map(({ peer }) => peer));
    for (const [cluster, peer] of this.peers) {
      const link = this.links.get(cluster) ?? this.makeLink(peer);
      link.update(peer, used.has(cluster));
      if (isRenewed) link.renew();
    }
    await this.egress.configure(config.listeners);
  }

  status(): GatewayStatus {
    return {
      cluster: this.config?.cluster ?? '',
      ...(this.listening === undefined ? {} : { listening: this.listening }),
      startedAt: this.startedAt,
      pid: process.pid,
      peers: [...this.links].map(([cluster, link]) => ({ cluster, ...link.status })),
      traffic: this.traffic.list(),
      failed: this.egress.failed,
      nodes: this.nodes.list(),
    };
  }

  probe(address: string, port: number): Promise<GatewayProbeAnswer> {
    return this.egress.probe(address, port);
  }

  async reach(cluster: string, address: string): Promise<GatewayReachAnswer> {
    const peer = this.peers.get(cluster);
    if (peer === undefined) return { ok: false, ms: 0, message: `${cluster} is no peer of this cluster` };
    return reach(peer, address, this.identity);
  }

  /** Takes no new connections, lets those that are there end for this long, then ends them. */
  async close(graceMs = 0): Promise<void> {
    this.egress.retire();
    this.server?.close();
    if (graceMs > 0) {
      for (const link of this.links.values()) link.close('drained');
      const until = performance.now() + graceMs;
      while (performance.now() < until && this.isBusy()) await delay(DRAIN_CHECK_MS);
    }
    for (const link of this.links.values()) link.close('now');
    await this.egress.close();
  }

  /** Connections are there, carried already or still waiting for the peer's answer. */
  private isBusy(): boolean {
    return this.egress.open > 0 || this.traffic.list().some(({ open }) => open > 0);
  }

  private makeLink(peer: GatewayPeer): PeerLink {
    const link = new PeerLink(peer, {
      identity: () => this.identity,
      onAsked: (asked, cluster) => void this.ingress.answer(asked, cluster),
      limits: this.limits,
      logger: this.options.logger,
    });
    this.links.set(peer.cluster, link);
    return link;
  }

  private get identity(): GatewayConfig['identity'] {
    if (this.config === undefined) throw new Error('the gateway has no configuration yet');
    return this.config.identity;
  }

  private async listen({ identity, peers, authorities = [] }: GatewayConfig): Promise<void> {
    const { listen } = this.options;
    if (listen === undefined) return;
    const tls = {
      cert: identity.certificate,
      key: identity.privateKey,
      ca: [...peers.flatMap((peer) => peer.authorities), ...authorities],
      minVersion: 'TLSv1.3' as const,
      ciphers: CIPHERS,
    };
    const context = JSON.stringify([tls.cert, tls.key, tls.ca]);
    if (this.server !== undefined) {
      // Most changes are of pods: a new context for each would cost more than the change itself.
      if (context !== this.context) this.server.setSecureContext(tls);
      this.context = context;
      return;
    }
    const server = createServer(
      {
        ...tls,
        requestCert: true,
        // Node would end it without a word; accept() ends it and says why.
        rejectUnauthorized: false,
        ALPNProtocols: [...servedProtocols(this.limits.mostLanes > 0), GATEWAY_REACH_PROTOCOL, GATEWAY_NODE_PROTOCOL],
        handshakeTimeout: this.limits.dialMs,
        noDelay: true,
        // Node does not look at identities again when a session is resumed: every session is a whole handshake.
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      (socket) => this.accept(socket),
    );
    server.on('tlsClientError', (error, socket) => this.refuse(socket, error.message));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listen, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.server = server;
    this.context = context;
    const { address, port, family } = server.address() as AddressInfo;
    this.listening = family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
  }

  private accept(socket: TLSSocket): void {
    socket.on('error', () => undefined);
    if (!socket.authorized) {
      this.refuse(socket, `its certificate is not accepted: ${String(socket.authorizationError)}`);
      return;
    }
    const { alpnProtocol: protocol } = socket;
    if (protocol === GATEWAY_NODE_PROTOCOL) {
      this.acceptNode(socket);
      return;
    }
    const isReach = protocol === GATEWAY_REACH_PROTOCOL;
    const who = identifyPeer(socket, this.peers, isReach ? [gatewayIdentity, nodeIdentity] : [gatewayIdentity]);
    if ('refusal' in who) {
      this.refuse(socket, who.refusal);
      return;
    }
    if (isReach) {
      echo(socket);
      return;
    }
    const link = this.links.get(who.cluster);
    if (link?.accept(socket, who) !== true) {
      this.refuse(socket, `it speaks none of ${servedProtocols(this.limits.mostLanes > 0).join(', ')}`);
    }
  }

  /** A probe on a node of this cluster, which tells what it found. */
  private acceptNode(socket: TLSSocket): void {
    const { cluster = '', authorities = [] } = this.config ?? {};
    const who = identifyPeer(socket, new Map([[cluster, { cluster, authorities }]]), [nodeIdentity]);
    if ('refusal' in who) this.refuse(socket, who.refusal);
    else this.nodes.take(socket, (why) => this.refuse(socket, why));
  }

  private refuse(socket: TLSSocket, detail: string): void {
    this.options.logger.warn({ from: socket.remoteAddress, detail }, 'a session is refused');
    socket.destroy();
  }
}
