/** What an embedded cluster may be told, with defaults. Checked by zod; an error names the field. */
import { quantityProblem } from '@skyflow/domain';
import { z } from 'zod';

const quantity = z
  .union([z.string(), z.number()])
  .transform(String)
  .superRefine((value, context) => {
    const problem = quantityProblem(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
const dnsName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be a DNS name: lower-case letters, digits, "-" and "."');

const nodeSettingsSchema = z.strictObject({
  name: dnsName,
  cpu: quantity.default('2'),
  memory: quantity.default('8Gi'),
  ephemeralStorage: quantity.default('100Gi'),
  /** Most pods. */
  pods: z.int().min(1).default(110),
  /** nvidia.com/gpu. */
  gpus: z.int().min(0).default(0),
  /** Further resources, e.g. `example.com/fpga`. */
  extended: z.record(z.string(), quantity).default({}),
  labels: z.record(z.string(), z.string()).default({}),
  taints: z
    .array(
      z.strictObject({
        key: z.string().min(1),
        value: z.string().optional(),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
      }),
    )
    .default([]),
  instanceType: z.string().default('skyflow.embedded'),
});

export const clusterSettingsSchema = z.strictObject({
  /** Also the name of its kubeconfig context. */
  name: z.string().min(1),
  /** 0: a free one. */
  port: z.int().min(0).max(65_535).default(0),
  /** Taken when `port` is 0 and it is free: the port of the run before. */
  preferredPort: z.int().min(1).max(65_535).optional(),
  /** Bearer token; absent: random. */
  token: z.string().min(16).optional(),
  runtime: z.enum(['process', 'virtual']).default('virtual'),
  region: z.string().default('embedded'),
  nodes: z.array(nodeSettingsSchema).default([]),
  /** Requests of the cluster's own pods in kube-system; null: there are none. By default as in the seed's walk-through. */
  systemRequests: z
    .strictObject({ cpu: quantity, memory: quantity })
    .nullable()
    .default({ cpu: '70m', memory: '1919Mi' }),
  /** First two octets of the service network. Default: 10.96; of the process runtime on Linux one of 127.216 to 127.254. */
  servicePrefix: z.string().optional(),
  virtual: z
    .strictObject({
      startDelayMs: z.int().min(0).default(500),
      readyDelayMs: z.int().min(0).default(0),
      stopDelayMs: z.int().min(0).default(200),
      /** Run time of pods that run to completion. */
      jobRunMs: z.int().min(0).default(5000),
    })
    .prefault({}),
  /** Waits between restarts of a container; Kubernetes' by default. */
  crashBackoff: z
    .strictObject({ baseMs: z.int().min(0).default(10_000), maxMs: z.int().min(0).default(300_000) })
    .prefault({}),
  /** Waits before a Job replaces a failed pod; Kubernetes' by default. */
  jobBackoff: z
    .strictObject({ baseMs: z.int().min(0).default(10_000), maxMs: z.int().min(0).default(360_000) })
    .prefault({}),
  /** How long a lost node counts as well. */
  nodeMonitorGraceMs: z.int().min(0).default(40_000),
  /** 0: node leases are not renewed (scale tests). */
  leaseRenewalMs: z.int().min(0).default(10_000),
  /** Events kept at most. */
  eventLimit: z.int().min(1).default(1000),
  /** Changes kept per kind for watches that come back. */
  watchHistory: z.int().min(16).default(1024),
  /** `apply-only` saves memory and time where nobody reads managedFields. */
  managedFields: z.enum(['always', 'apply-only']).default('always'),
});

export type NodeSettings = z.output<typeof nodeSettingsSchema>;
export type ClusterSettings = z.output<typeof clusterSettingsSchema>;
/** Settings as written: everything but the name may be left out. */
export type ClusterOptions = z.input<typeof clusterSettingsSchema>;
