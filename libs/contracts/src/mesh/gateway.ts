/**
 * The mesh gateway's control API: what the agent of a cluster tells the gateway beside it, and what that answers.
 *
 * The gateway is told everything, absolutely, at every change (`PUT /v1/config`); it keeps nothing and decides nothing. Another
 * data plane that takes the same configuration can take its place.
 */
import { z } from 'zod';

const name = z.string().min(1);
const pem = z.string().startsWith('-----BEGIN');
const port = z.int().min(1).max(65_535);
/** `host:port`, an IPv6 host in brackets. */
const place = z.string().regex(/^.+:\d+$/, 'must be host:port');

/** ALPN of a session whose dialler opens streams, and of one on which it takes them, as it cannot be dialled itself. */
export const GATEWAY_PROTOCOL = 'sky-mesh/1';
export const GATEWAY_REVERSE_PROTOCOL = 'sky-mesh-reverse/1';
/** The same of a dialler that speaks lanes too. An older gateway does not know these names, and takes the ones above. */
export const GATEWAY_LANES_PROTOCOL = 'sky-mesh/2';
export const GATEWAY_LANES_REVERSE_PROTOCOL = 'sky-mesh-reverse/2';
/** Of a lane: one connection at a time, on a TLS connection of its own, opened by its dialler or, in reverse, by the one dialled. */
export const GATEWAY_LANE_PROTOCOL = 'sky-mesh-lane/1';
export const GATEWAY_REVERSE_LANE_PROTOCOL = 'sky-mesh-lane-reverse/1';
/** Of one that only gives back what comes: whether pods reach each other at their own addresses. */
export const GATEWAY_REACH_PROTOCOL = 'sky-mesh-reach/1';
/** Of a node probe that tells the gateway of its own cluster what it found. */
export const GATEWAY_NODE_PROTOCOL = 'sky-mesh-node/1';

/** SPIFFE ID of a cluster's gateway (https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md). */
export const gatewayIdentity = (cluster: string): string => `spiffe://skyflow/cluster/${cluster}/gateway`;
/** Of what tries from the nodes of a cluster: it may ask gateways for bytes back and tell its own what came of it, and nothing else. */
export const nodeIdentity = (cluster: string): string => `spiffe://skyflow/cluster/${cluster}/node`;

/** Another cluster's gateway. Whoever is not listed has no part in anything. */
export const gatewayPeerSchema = z.object({
  cluster: name,
  /** Authorities of that cluster, this and the next generation: nobody else's signature proves that it is this cluster. */
  authorities: z.array(pem).min(1),
  /** Where it is dialled; none: it dials us. */
  addresses: z.array(place),
  /** Where it is in the pod network of its cluster. */
  inside: place.optional(),
  /** It cannot dial us, so we keep sessions to it on which it opens streams. */
  reverse: z.boolean().optional(),
});

/** A virtual endpoint: whoever connects to it reaches one pod of another cluster, or one of several where ports are short. */
export const gatewayListenerSchema = z.object({
  address: name,
  port,
  peer: name,
  /** uid of the service, name of its port ('' for the only one). */
  service: name,
  servicePort: z.string(),
  /** uids. */
  pods: z.array(name).min(1),
});

/** Pods of this cluster that other clusters may reach through a service. Deny by default: what is not here is refused. */
export const gatewayExportSchema = z.object({
  service: name,
  /** `namespace/name`, for logs. */
  name,
  /** Clusters that may. */
  to: z.array(name),
  pods: z.array(
    z.object({
      uid: name,
      name,
      /** Where each port of the service is, by the port's name. */
      ports: z.record(z.string(), place),
    }),
  ),
});

export const gatewayConfigSchema = z.object({
  cluster: name,
  /** Certificate of {@link gatewayIdentity}, PEM, and its key: secret. */
  identity: z.object({ certificate: pem, privateKey: pem }),
  /** Of this cluster: what they have signed for its nodes is believed. Absent: there are no node probes. */
  authorities: z.array(pem).optional(),
  peers: z.array(gatewayPeerSchema),
  listeners: z.array(gatewayListenerSchema),
  exports: z.array(gatewayExportSchema),
});

/** What the other side says to a route before any byte of data. */
export const GATEWAY_VERDICTS = ['OK', 'NOT_EXPORTED', 'NO_POD', 'DIAL_FAIL', 'OVERLOAD'] as const;
export type GatewayVerdict = (typeof GATEWAY_VERDICTS)[number];

/** Traffic between this cluster and another one, for one service, since the gateway started. */
export const gatewayTrafficSchema = z.object({
  /** `out`: clients here, pods there. */
  direction: z.enum(['out', 'in']),
  peer: name,
  service: name,
  /** Connections so far; now; refused or failed before data. */
  connections: z.int(),
  open: z.int(),
  refused: z.int(),
  /** Bytes towards the pods, and from them. */
  sentBytes: z.int(),
  receivedBytes: z.int(),
});

/** What a node probe is told: in a Secret that it has as a file. */
export const nodeProbeConfigSchema = z.object({
  cluster: name,
  /** Certificate of {@link nodeIdentity}, PEM, and its key: secret. */
  identity: z.object({ certificate: pem, privateKey: pem }),
  /** Of this cluster, and where its gateway is: it is told what was found. */
  authorities: z.array(pem).min(1),
  gateway: place,
  /** Whom to try: gateways of other clusters in the pod networks there. */
  peers: z.array(gatewayPeerSchema.pick({ cluster: true, authorities: true }).extend({ inside: place })),
});

/** What one node found, absolute: whether it reaches pods of other clusters. */
export const nodeReportSchema = z.object({
  /** Its name in the cluster. */
  node: name,
  reaches: z.array(z.object({ cluster: name, inside: place, ok: z.boolean(), message: z.string() })),
});

export const gatewayStatusSchema = z.object({
  cluster: z.string(),
  /** Where peers dial it. */
  listening: place.optional(),
  /** ms since the epoch. */
  startedAt: z.number(),
  /** Its process, for whoever takes it over. */
  pid: z.int().optional(),
  peers: z.array(
    z.object({
      cluster: name,
      /** `idle`: nothing here goes there, so it is not dialled. */
      state: z.enum(['up', 'down', 'idle']),
      sessions: z.int(),
      /** Connections of their own for one connection each, in use or waiting for one. */
      lanes: z.int().optional(),
      /** Of the last ping. */
      rttMs: z.number().optional(),
      /** Why it is down. */
      message: z.string().optional(),
    }),
  ),
  traffic: z.array(gatewayTrafficSchema),
  /** Virtual endpoints that cannot listen, with the reason; tried again at every configuration and every few seconds. */
  failed: z.array(z.object({ address: name, port, message: z.string() })),
  /** What node probes of this cluster last told; those that have been silent for a minute are not there. */
  nodes: z.array(nodeReportSchema).optional(),
});

/** `POST /v1/probe`: tries one virtual endpoint up to its pod. */
export const gatewayProbeSchema = z.object({ address: name, port });
export const gatewayProbeAnswerSchema = z.object({
  verdict: z.enum([...GATEWAY_VERDICTS, 'NO_PATH']),
  ms: z.number(),
  message: z.string(),
});

/** `POST /v1/reach`: tries whether pods of a peer are reached at their own addresses, there and back. */
export const gatewayReachSchema = z.object({ cluster: name, address: place });
export const gatewayReachAnswerSchema = z.object({ ok: z.boolean(), ms: z.number(), message: z.string() });

export type GatewayReachAnswer = z.infer<typeof gatewayReachAnswerSchema>;
export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;
export type GatewayPeer = z.infer<typeof gatewayPeerSchema>;
export type GatewayListener = z.infer<typeof gatewayListenerSchema>;
export type GatewayExport = z.infer<typeof gatewayExportSchema>;
export type GatewayTraffic = z.infer<typeof gatewayTrafficSchema>;
export type NodeProbeConfig = z.infer<typeof nodeProbeConfigSchema>;
export type NodeReport = z.infer<typeof nodeReportSchema>;
export type GatewayStatus = z.infer<typeof gatewayStatusSchema>;
export type GatewayProbeAnswer = z.infer<typeof gatewayProbeAnswerSchema>;
