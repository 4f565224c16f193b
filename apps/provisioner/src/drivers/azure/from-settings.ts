/** The driver of Azure as the settings of the installation say. */
import type { z } from 'zod';
import { readPrices } from '../prices-file.js';
import { AzureAccount } from './azure-account.js';
import { AzureDriver } from './azure-driver.js';
import type { azureSettings } from './azure-settings.js';

type Settings = z.infer<z.ZodObject<typeof azureSettings>>;

/** @throws ProvisionError when the file of prices cannot be read */
export function azureDriver(settings: Settings): AzureDriver {
  const account = new AzureAccount({
    subscription: settings.SKYFLOW_AZURE_SUBSCRIPTION,
    endpoint: settings.SKYFLOW_AZURE_ENDPOINT,
    answerMs: settings.SKYFLOW_AZURE_ANSWER_MS,
  });
  return new AzureDriver(account, {
    regions: settings.SKYFLOW_AZURE_REGIONS,
    image: settings.SKYFLOW_AZURE_IMAGE,
    user: settings.SKYFLOW_AZURE_USER,
    port: settings.SKYFLOW_AZURE_SSH_PORT,
    dockerSocket: settings.SKYFLOW_AZURE_DOCKER_SOCKET,
    openTo: settings.SKYFLOW_AZURE_OPEN_TO,
    prices: readPrices(
      'SKYFLOW_AZURE_PRICES',
      settings.SKYFLOW_AZURE_PRICES,
      '{"westeurope": {"Standard_D8s_v5": 0.46}}',
    ),
  });
}
