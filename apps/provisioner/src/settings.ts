/** Environment of the provisioner; see README.md. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CANONICAL, DEFAULT_IMAGE } from './drivers/aws/aws-options.js';
import { azureSettings } from './drivers/azure/azure-settings.js';
import { dockerSettings } from './drivers/docker/docker-settings.js';
import { gcpSettings } from './drivers/gcp/gcp-settings.js';

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
    .describe('file with keys of 64 hexadecimal digits, one per line, the first seals; without any nothing is built'),
  SKYFLOW_ESCROW_KEYS: z
    .string()
    .optional()
    .describe('such keys themselves, which then seal clusters; those of the file still open'),
  SKYFLOW_ESCROW_KEYS_COMMAND: z
    .string()
    .optional()
    .describe('the same, as what this command of a shell prints when the service starts: aws kms decrypt …'),
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
  SKYFLOW_PROVISION_BOOT_MS: ms('a rented machine that does not let one in after so long is a failure', 600_000),
  SKYFLOW_PROVISION_LOOK_MS: ms(
    'pause between looks at what takes its time: a machine that boots, a call whose outcome is unknown',
    2_000,
  ),
  SKYFLOW_PROVISION_STALL_MS: ms('a driver that prints nothing for so long is ended', 600_000),
  SKYFLOW_PROVISION_RUN_MS: ms('a run of a driver that takes longer is ended', 3_600_000),
  SKYFLOW_PROVISION_READY_MS: ms('nodes that are not ready after so long are a failure', 600_000),
  SKYFLOW_REAPER: z
    .enum(['on', 'dry-run', 'off'])
    .default('on')
    .describe(
      'machines with the mark of this installation that belong to no cluster: ended, only told of, or not looked for',
    ),
  SKYFLOW_REAPER_EVERY_MS: ms('pause between rounds of the reaper', 300_000),
  SKYFLOW_REAPER_GRACE_MS: ms('for so long an orphan is only looked at', 900_000),
  SKYFLOW_REAPER_MOST: ms('orphans that are ended in one round at most', 5),
  SKYFLOW_AUTOSCALE_EVERY_MS: ms('pause between looks of the autoscaler', 10_000),
  SKYFLOW_AWS_REGIONS: z
    .string()
    .default(process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1')
    .transform((text) => text.split(',').map((region) => region.trim()))
    .describe('regions of AWS, with commas, where machines may be rented if a cluster names none'),
  SKYFLOW_AWS_IMAGE: z
    .string()
    .default(DEFAULT_IMAGE)
    .describe('ami-… or a pattern of names of which the newest is taken'),
  SKYFLOW_AWS_IMAGE_OWNER: z.string().default(CANONICAL).describe('account whose images are looked at by name'),
  SKYFLOW_AWS_USER: z.string().default('ubuntu').describe('user of the image'),
  SKYFLOW_AWS_SSH_PORT: z.coerce.number().int().min(1).max(65_535).default(22).describe('sshd of the image'),
  SKYFLOW_AWS_DOCKER_SOCKET: z.string().optional().describe('of the image; absent: /var/run/docker.sock'),
  SKYFLOW_AWS_VPC: z.string().optional().describe('vpc-… for machines; absent: the default VPC of the region'),
  SKYFLOW_AWS_OPEN_TO: z
    .string()
    .default('0.0.0.0/0')
    .describe('range that may reach sshd, the Kubernetes API and --ports of rented machines'),
  SKYFLOW_AWS_ANSWER_MS: ms('a call of AWS without an answer for so long has none', 30_000),
  SKYFLOW_AWS_PRICES: z
    .string()
    .optional()
    .describe(
      'JSON file of on-demand prices per hour: {"eu-west-1": {"m6i.2xlarge": 0.43}}; comes before those known here',
    ),
  ...gcpSettings,
  ...azureSettings,
  ...dockerSettings,
};
