/** Environment of the driver of Google Cloud. */
import { z } from 'zod';
import { DEFAULT_GCP_IMAGE } from './gcp-options.js';

const IMAGE = /^projects\/[a-z0-9:.-]+\/global\/images\/(family\/)?[a-z0-9-]+$/;

export const gcpSettings = {
  SKYFLOW_GCP_PROJECT: z
    .string()
    .optional()
    .describe('project of Google Cloud that machines are rented in; absent: that of the credentials'),
  SKYFLOW_GCP_REGIONS: z
    .string()
    .default('us-central1')
    .transform((text) => text.split(',').map((region) => region.trim()))
    .describe('regions of Google Cloud, with commas, where machines may be rented if a cluster names none'),
  SKYFLOW_GCP_IMAGE: z
    .string()
    .regex(IMAGE, 'must be like projects/ubuntu-os-cloud/global/images/family/ubuntu-2204-lts')
    .default(DEFAULT_GCP_IMAGE)
    .describe('projects/P/global/images/NAME, or …/family/NAME of which the newest is taken'),
  SKYFLOW_GCP_USER: z.string().default('ubuntu').describe('user of the image; made if it is not there'),
  SKYFLOW_GCP_SSH_PORT: z.coerce.number().int().min(1).max(65_535).default(22).describe('sshd of the image'),
  SKYFLOW_GCP_DOCKER_SOCKET: z.string().optional().describe('of the image; absent: /var/run/docker.sock'),
  SKYFLOW_GCP_NETWORK: z.string().default('default').describe('VPC network of the project'),
  SKYFLOW_GCP_OPEN_TO: z
    .string()
    .default('0.0.0.0/0')
    .describe('range that may reach sshd, the Kubernetes API and --ports of rented machines'),
  SKYFLOW_GCP_ANSWER_MS: z.coerce
    .number()
    .int()
    .min(1)
    .default(30_000)
    .describe('a call of Google Cloud without an answer for so long has none'),
  SKYFLOW_GCP_ENDPOINT: z
    .url()
    .optional()
    .describe('of the Compute Engine API, such as that of Private Service Connect; absent: Google’s own'),
  SKYFLOW_GCP_PRICES: z
    .string()
    .optional()
    .describe('JSON file of prices per hour: {"europe-west1": {"n2-standard-8": 0.43}}; comes before those known here'),
};
