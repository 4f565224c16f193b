/** Environment of the keeper besides that of every service; see README.md for which command reads what. */
import { serviceEnvironment } from '@skyflow/service';
import { z } from 'zod';

const { SKYFLOW_NATS_URL, SKYFLOW_NATS_CA_FILE } = serviceEnvironment;

export const keeperSettings = {
  SKYFLOW_NATS_KEYS_DIR: z
    .string()
    .default('/var/lib/skyflow/nats-keys')
    .describe('folder of the keys: <service>/nats.nk with the seed, <service>/nats.pub with the public keys let in'),
  SKYFLOW_NATS_KEYS_SECRET: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'must be <namespace>/<name>')
    .optional()
    .describe('Secret that holds the keys (<service>.nk, <service>.pub) instead of the folder'),
  SKYFLOW_KUBECONFIG: z
    .string()
    .optional()
    .describe("kubeconfig of that Secret's cluster; absent: the service account of the pod"),
  SKYFLOW_NATS_KEYS_SPREAD_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(150)
    .describe(
      'how long it takes until a change of that Secret is in the files of all pods (kubelets look every minute)',
    ),
  SKYFLOW_NATS_CONFIG: z
    .string()
    .default('/etc/nats/nats-server.conf')
    .describe('configuration file of nats-server, which the keeper writes'),
  SKYFLOW_NATS_STORE_DIR: z.string().default('/data').describe('folder of the log, as nats-server sees it'),
  SKYFLOW_NATS_MONITOR: z
    .string()
    .regex(/^(none|[^:/\s]+:\d+)$/, 'must be host:port, or none')
    .default('127.0.0.1:8222')
    .describe('where it serves its page of health; 0.0.0.0:8222 lets a kubelet in, none: nowhere'),
  SKYFLOW_NATS_ROUTES: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()])))
    .refine((all) => all.every((each) => /^[^:/\s]+:\d+$/.test(each)), 'must be host:port, with commas between them')
    .describe('all nodes that hold the log together, host:port with commas between; absent: there is one'),
  SKYFLOW_NATS_ROUTES_PASSWORD: z
    .string()
    .min(1)
    .optional()
    .describe('by which nodes know each other; needed with SKYFLOW_NATS_ROUTES'),
  SKYFLOW_NATS_TLS_CERT_FILE: z.string().optional().describe('certificate of nats-server (PEM); then TLS only'),
  SKYFLOW_NATS_TLS_KEY_FILE: z.string().optional().describe('key of that certificate (PEM)'),
  SKYFLOW_NATS_AGENTS_FILE: z
    .string()
    .default('/var/lib/skyflow/nats-agents.json')
    .describe('file with the public keys of the agents known last, let in before the gateway can be asked'),
};

/** What following the API needs. */
export const apiSettings = {
  SKYFLOW_API_URL: z.url().default('http://127.0.0.1:50051').describe('where the gateway is'),
  SKYFLOW_API_CA_FILE: z.string().optional().describe("authority of its certificate (PEM); absent: the system's"),
  SKYFLOW_TOKEN: z.string().min(1).describe('bearer token for the gateway, of a user in system:nats-keepers'),
};

/** Of the commands that are no service. */
export const commandSettings = { SKYFLOW_NATS_URL, SKYFLOW_NATS_CA_FILE, ...keeperSettings };
export type KeeperSettings = z.infer<z.ZodObject<typeof keeperSettings>>;
export type CommandSettings = z.infer<z.ZodObject<typeof commandSettings>>;
