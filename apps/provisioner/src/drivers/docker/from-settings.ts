/** The driver of Docker as the settings of the installation say. */
import type { z } from 'zod';
import { DockerDriver } from './docker-driver.js';
import type { dockerSettings } from './docker-settings.js';

/** An engine on the same machine answers soon, or not at all. */
const ANSWER_MS = 30_000;

export const dockerDriver = (settings: z.infer<z.ZodObject<typeof dockerSettings>>): DockerDriver =>
  new DockerDriver({
    host: settings.SKYFLOW_DOCKER_HOST,
    image: settings.SKYFLOW_DOCKER_IMAGE,
    privileged: settings.SKYFLOW_DOCKER_PRIVILEGED === 'true',
    answerMs: ANSWER_MS,
  });
