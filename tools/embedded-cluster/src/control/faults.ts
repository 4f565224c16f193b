/** What may be made to go wrong with a cluster, and the switch for it. Times are never touched. */
import { z } from 'zod';

export const faultsSchema = z.strictObject({
  /** Every request waits so long, ms. */
  slowMs: z.int().min(0).max(600_000).optional(),
  /** This share (0 to 1) of requests is answered with this status. */
  error: z.strictObject({ status: z.int().min(400).max(599), rate: z.number().min(0).max(1).default(1) }).optional(),
  /** refuse: the port is closed. reset: connections are cut at the request. hang: requests are never answered. */
  unreachable: z.enum(['refuse', 'reset', 'hang']).optional(),
  /** Watches are cut after so long, ms; those that are open now at once. */
  watchMaxMs: z.int().min(0).optional(),
  /** Nodes whose kubelet is not heard of. */
  lostNodes: z.array(z.string()).optional(),
});

export type Faults = z.output<typeof faultsSchema>;
export const NO_FAULTS: Faults = {};
