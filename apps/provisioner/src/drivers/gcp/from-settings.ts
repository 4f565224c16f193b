/** The driver of Google Cloud as the settings of the installation say. */
import type { z } from 'zod';
import { readPrices } from '../prices-file.js';
import { GcpClient } from './gcp-client.js';
import { GcpDriver } from './gcp-driver.js';
import type { gcpSettings } from './gcp-settings.js';

type Settings = z.infer<z.ZodObject<typeof gcpSettings>>;

/** @throws ProvisionError when the file of prices cannot be read */
export function gcpDriver(settings: Settings): GcpDriver {
  const client = new GcpClient({
    project: settings.SKYFLOW_GCP_PROJECT,
    endpoint: settings.SKYFLOW_GCP_ENDPOINT,
    answerMs: settings.SKYFLOW_GCP_ANSWER_MS,
  });
  return new GcpDriver(client, {
    regions: settings.SKYFLOW_GCP_REGIONS,
    image: settings.SKYFLOW_GCP_IMAGE,
    user: settings.SKYFLOW_GCP_USER,
    port: settings.SKYFLOW_GCP_SSH_PORT,
    dockerSocket: settings.SKYFLOW_GCP_DOCKER_SOCKET,
    network: settings.SKYFLOW_GCP_NETWORK,
    openTo: settings.SKYFLOW_GCP_OPEN_TO,
    prices: readPrices('SKYFLOW_GCP_PRICES', settings.SKYFLOW_GCP_PRICES, '{"europe-west1": {"n2-standard-8": 0.43}}'),
  });
}
