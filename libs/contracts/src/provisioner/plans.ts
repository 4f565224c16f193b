/** A question to the provisioner: what would be built, of what, for how much. Nothing is made and nothing is written. */
import { z } from 'zod';
import { CLUSTER_DRIVERS, NODE_ROLES, type ProvisionSpec } from '../kinds/provisioning.js';
import { leftOutCloudSchema, provisionOfferSchema } from '../log/provisioning.js';

export const planRequestSchema = z.object({
  /** Position of the log that the answer must hold for. */
  atLeastSeq: z.number(),
  name: z.string(),
  /** Checked by who asks, with `provisionProblems`. */
  provision: z.custom<ProvisionSpec>((value) => typeof value === 'object' && value !== null),
});
export type PlanRequest = z.infer<typeof planRequestSchema>;

export const clusterPlanSchema = z.object({
  driver: z.enum(CLUSTER_DRIVERS),
  kubernetesVersion: z.string().optional(),
  podCidr: z.string(),
  serviceCidr: z.string(),
  machines: z.array(
    z.object({
      name: z.string(),
      driver: z.string(),
      roles: z.array(z.enum(NODE_ROLES)),
      /** Of a machine that is there: its address. */
      host: z.string().optional(),
      region: z.string().optional(),
      zone: z.string().optional(),
      type: z.string().optional(),
    }),
  ),
  /** Best first; those with `refused` are passed over. Empty for machines that are there. */
  offers: z.array(provisionOfferSchema),
  /** Clouds that were asked for as well and have no offers in the table. */
  leftOut: z.array(leftOutCloudSchema).optional(),
  /** Of all machines, per hour in US dollars. */
  hourly: z.number(),
});
export type ClusterPlan = z.infer<typeof clusterPlanSchema>;

/** The answer, or why there is none. */
export const planReplySchema = z.union([
  z.object({ plan: clusterPlanSchema }),
  z.object({ error: z.string(), code: z.int() }),
]);
export type PlanReply = z.infer<typeof planReplySchema>;

/** Core NATS, request-reply to the active provisioner. */
export const provisionerRequestSubject = (verb: 'plan' | 'escrow'): string => `sky.ask.provisioner.${verb}`;
