/** The driver of EC2 as the settings of the installation say. */
import type { z } from 'zod';
import type { provisionerSettings } from '../../settings.js';
import { readPrices } from '../prices-file.js';
import { AwsDriver } from './aws-driver.js';
import { Ec2Clients } from './ec2-clients.js';

type Settings = z.infer<z.ZodObject<typeof provisionerSettings>>;

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
    prices: readPrices('SKYFLOW_AWS_PRICES', settings.SKYFLOW_AWS_PRICES, '{"eu-west-1": {"m6i.2xlarge": 0.43}}'),
  });
}
