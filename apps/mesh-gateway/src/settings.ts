/** Environment of the program; see README.md. */
import { z } from 'zod';
import { LIMITS } from './limits.js';

export const gatewaySettings = {
  SKYFLOW_GATEWAY_CONTROL: z.string().min(1).describe('path of the Unix socket of the control API'),
  SKYFLOW_GATEWAY_LISTEN: z
    .string()
    .regex(/^.+:\d+$/, 'must be host:port, e.g. 0.0.0.0:8443')
    .optional()
    .describe('where gateways of other clusters dial this one; absent: it only dials'),
  SKYFLOW_GATEWAY_LANES: z.coerce
    .number()
    .int()
    .min(0)
    .default(LIMITS.mostLanes)
    .describe('most lanes to a peer, each a TLS connection for one connection at a time; 0: sessions carry everything'),
  SKYFLOW_GATEWAY_ORPHAN_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('it ends when nobody has asked anything of its control API for so long; 0: never'),
  SKYFLOW_GATEWAY_DRAIN_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(4_000)
    .default(0)
    .describe('how long connections may go on when it is stopped'),
};

export const nodeProbeSettings = {
  SKYFLOW_NODE_PROBE_FILE: z.string().min(1).describe('file that the agent keeps: whom to try, and as whom'),
  SKYFLOW_NODE_NAME: z.string().min(1).describe('name of the node in its cluster'),
};
