/** Environment of the driver of Azure. */
import { z } from 'zod';
import { DEFAULT_AZURE_IMAGE } from './azure-options.js';

const IMAGE = /^[^:]+:[^:]+:[^:]+:[^:]+$/;

export const azureSettings = {
  SKYFLOW_AZURE_SUBSCRIPTION: z
    .string()
    .optional()
    .default(process.env.AZURE_SUBSCRIPTION_ID ?? '')
    .describe('subscription of Azure that machines are rented in; absent: AZURE_SUBSCRIPTION_ID'),
  SKYFLOW_AZURE_REGIONS: z
    .string()
    .default('eastus')
    .transform((text) => text.split(',').map((region) => region.trim()))
    .describe('regions of Azure, with commas, where machines may be rented if a cluster names none'),
  SKYFLOW_AZURE_IMAGE: z
    .string()
    .regex(IMAGE, `must be PUBLISHER:OFFER:SKU:VERSION, such as ${DEFAULT_AZURE_IMAGE}`)
    .default(DEFAULT_AZURE_IMAGE)
    .describe('PUBLISHER:OFFER:SKU:VERSION'),
  SKYFLOW_AZURE_USER: z.string().default('ubuntu').describe('user that is made on the machines'),
  SKYFLOW_AZURE_SSH_PORT: z.coerce.number().int().min(1).max(65_535).default(22).describe('sshd of the image'),
  SKYFLOW_AZURE_DOCKER_SOCKET: z.string().optional().describe('of the image; absent: /var/run/docker.sock'),
  SKYFLOW_AZURE_OPEN_TO: z
    .string()
    .default('0.0.0.0/0')
    .describe('range that may reach sshd, the Kubernetes API and --ports of rented machines'),
  SKYFLOW_AZURE_ANSWER_MS: z.coerce
    .number()
    .int()
    .min(1)
    .default(30_000)
    .describe('a call of Azure without an answer for so long has none'),
  SKYFLOW_AZURE_ENDPOINT: z
    .url()
    .optional()
    .describe('of Azure Resource Manager, in clouds that are not the public one; absent: https://management.azure.com'),
  SKYFLOW_AZURE_PRICES: z
    .string()
    .optional()
    .describe('JSON file of prices per hour: {"westeurope": {"Standard_D8s_v5": 0.46}}; comes before those known here'),
};
