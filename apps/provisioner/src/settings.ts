/** Environment of the provisioner; see README.md. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const ms = (name: string, byDefault: number) => z.coerce.number().int().min(1).default(byDefault).describe(name);

export const provisionerSettings = {
  SKYFLOW_HOME: z
    .string()
    .min(1)
    .default(join(homedir(), '.skyflow'))
    .describe('folder for workdirs of drivers and kubeconfigs of agents; the agent supervisor has the same'),
  SKYFLOW_SEALING_KEYS: z
    .string()
    .optional()
    .describe('file with keys of 64 hexadecimal digits, one per line, the first seals; without it nothing is built'),
  SKYFLOW_RKE: z.string().optional().describe('path of rke v1.5; absent: found in PATH, or downloaded'),
  SKYFLOW_RKE_URL: z
    .url()
    .optional()
    .describe('where rke is downloaded from if it is nowhere; needs SKYFLOW_RKE_SHA256'),
  SKYFLOW_RKE_SHA256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .optional()
    .describe('what the SHA-256 of the download must be'),
  SKYFLOW_PROVISION_FIRST_PAUSE_MS: ms('pause before the first repetition of what failed; doubles each time', 5_000),
  SKYFLOW_PROVISION_LONGEST_PAUSE_MS: ms('longest pause between repetitions', 300_000),
  SKYFLOW_PROVISION_VISIBLE_MS: ms('for so long a rented machine may be there without being listed', 60_000),
  SKYFLOW_PROVISION_STALL_MS: ms('a driver that prints nothing for so long is ended', 600_000),
  SKYFLOW_PROVISION_RUN_MS: ms('a run of a driver that takes longer is ended', 3_600_000),
  SKYFLOW_PROVISION_READY_MS: ms('nodes that are not ready after so long are a failure', 600_000),
};
