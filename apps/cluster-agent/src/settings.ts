/** Environment of the two programs; see README.md. */
import { isDnsLabel } from '@skyflow/contracts';
import { isCidr } from '@skyflow/domain';
import { z } from 'zod';

const cidrs = (what: string) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()])))
    .refine((all) => all.every(isCidr), 'must be networks such as 10.42.0.0/16, with commas between them')
    .describe(what);

export const agentSettings = {
  SKYFLOW_CLUSTER: z
    .string()
    .refine(isDnsLabel, 'must be a DNS label (lower-case letters, digits and -, at most 63)')
    .describe("name of the Cluster object, which is also the agent's part of the NATS subjects"),
  SKYFLOW_CLUSTER_UID: z.string().min(1).describe('uid of the Cluster object'),
  SKYFLOW_KUBECONFIG: z.string().optional().describe('kubeconfig file; absent: the service account of the pod'),
  SKYFLOW_KUBE_CONTEXT: z.string().optional().describe('context in the kubeconfig; absent: its current one'),
  SKYFLOW_API_URL: z
    .url()
    .optional()
    .describe(
      'the gateway, where the agent enrols; absent: NATS lets it in by SKYFLOW_NATS_TOKEN or _KEY_FILE, or anyone',
    ),
  SKYFLOW_JOIN_TOKEN_FILE: z.string().optional().describe('file with the join token, needed to enrol once'),
  SKYFLOW_CREDENTIALS_SECRET: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'must be <namespace>/<name>')
    .optional()
    .describe('Secret of the cluster in which the agent keeps what it is let in with; absent: the state folder'),
  SKYFLOW_STATE_DIR: z
    .string()
    .optional()
    .describe('folder where the desired state is kept, to work on without NATS; absent: SKYFLOW_SNAPSHOT_DIR'),
  SKYFLOW_GATEWAY_ADDRESS: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe('address of the mesh gateway that pods reach, in a cluster the IP of the pod'),
  SKYFLOW_POD_CIDRS: cidrs('networks of pods, with commas; absent: as the nodes declare them (spec.podCIDRs)'),
  SKYFLOW_SERVICE_CIDRS: cidrs('networks of cluster IPs, with commas, to compare with those of other clusters'),
  SKYFLOW_GATEWAY_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('port of that address where gateways of other clusters dial it; 0: any'),
  SKYFLOW_GATEWAY_PUBLIC: z
    .string()
    .regex(/^(none|.+:\d+)$/, 'must be host:port, or none')
    .optional()
    .describe(
      'where gateways of other clusters dial it; none: they cannot, it dials them; absent: at that address and port',
    ),
  SKYFLOW_NODE_PROBE_SECRET: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'must be <namespace>/<name>')
    .optional()
    .describe(
      'Secret that the agent keeps for the probes on nodes (deploy/agent/node-probe.yaml); absent: there are none',
    ),
};

/** An agent ends with this code when its kubeconfig changed, or what it was let in with is good no more; the supervisor starts it again at once. */
export const CONFIG_CHANGED_EXIT = 75;

const kubeconfigsSchema = z.array(z.object({ path: z.string().min(1), contexts: z.array(z.string()).optional() }));
export type KubeconfigSource = z.infer<typeof kubeconfigsSchema>[number];

export const supervisorSettings = {
  SKYFLOW_API_URL: z.url().default('http://127.0.0.1:50051').describe('where the gateway is'),
  SKYFLOW_TOKEN: z.string().min(1).describe('bearer token for the gateway'),
  SKYFLOW_KUBECONFIGS: z
    .string()
    .transform((text, context) => {
      const parsed = kubeconfigsSchema.safeParse(parseJson(text));
      if (parsed.success) return parsed.data;
      context.addIssue({
        code: 'custom',
        message: 'must be JSON like [{"path": "/home/me/.kube/config", "contexts": ["a"]}]',
      });
      return z.NEVER;
    })
    .optional()
    .describe('kubeconfig files whose contexts become clusters; absent: as kubectl finds them'),
  SKYFLOW_AGENTS_ENROL: z
    .enum(['true', 'false'])
    .default('false')
    .describe('"true": agents enrol at the gateway, each with rights of its own at NATS'),
  SKYFLOW_HOME: z.string().min(1).describe('folder for the state of the supervisor and its agents'),
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
