/** The driver of EC2 as the settings of the installation say. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ProvisionError } from '../../provision-error.js';
import type { provisionerSettings } from '../../settings.js';
import { AwsDriver } from './aws-driver.js';
import type { AwsOptions } from './aws-options.js';
import { Ec2Clients } from './ec2-clients.js';

type Settings = z.infer<z.ZodObject<typeof provisionerSettings>>;

const pricesSchema = z.record(z.string(), z.record(z.string(), z.number().positive()));

export function awsDriver(settings: Settings): AwsDriver {
  return new AwsDriver(new Ec2Clients({ answerMs: settings.SKYFLOW_AWS_ANSWER_MS }), {
    regions: settings.SKYFLOW_AWS_REGIONS,
    image: settings.SKYFLOW_AWS_IMAGE,
    imageOwner: settings.SKYFLOW_AWS_IMAGE_OWNER,
    user: settings.SKYFLOW_AWS_USER,
    port: settings.SKYFLOW_AWS_SSH_PORT,
    dockerSocket: settings.SKYFLOW_AWS_DOCKER_SOCKET,
    vpc: settings.SKYFLOW_AWS_VPC,
    openTo: settings.SKYFLOW_AWS_OPEN_TO,
    prices: readPrices(settings.SKYFLOW_AWS_PRICES),
  });
}

/** @throws ProvisionError naming the file and what is wrong in it; it keeps the service from starting. */
function readPrices(file: string | undefined): AwsOptions['prices'] {
  if (file === undefined) return {};
  try {
    return pricesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ProvisionError(
      'config',
      `SKYFLOW_AWS_PRICES ${file}: ${why}`,
      'as in {"eu-west-1": {"m6i.2xlarge": 0.43}}',
    );
  }
}
