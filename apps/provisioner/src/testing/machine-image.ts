/** The engine of Docker on which its driver is tested, and the image of its machines. */
import { engineOf } from '../drivers/docker/docker-engine.js';

export const DOCKER_OPTIONS = {
  host: process.env.SKYFLOW_DOCKER_HOST,
  image: process.env.SKYFLOW_DOCKER_IMAGE ?? 'skyflow/machine:local',
  privileged: process.env.SKYFLOW_DOCKER_PRIVILEGED !== 'false',
  answerMs: 30_000,
};

/** Undefined: an engine answers, and has it. */
export const whyNoMachineImage = (): Promise<string | undefined> =>
  engineOf(DOCKER_OPTIONS)
    .getImage(DOCKER_OPTIONS.image)
    .inspect()
    .then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
