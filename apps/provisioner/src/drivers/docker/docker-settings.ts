/** Environment of the driver of Docker. */
import { z } from 'zod';

export const dockerSettings = {
  SKYFLOW_DOCKER_HOST: z
    .string()
    .optional()
    .describe(
      'Docker engine for machines that are containers: unix:///… or tcp://…; absent: DOCKER_HOST, or the socket of this machine',
    ),
  SKYFLOW_DOCKER_IMAGE: z
    .string()
    .default('skyflow/machine:local')
    .describe('image with systemd and sshd that such a machine is; deploy/machine has one'),
  SKYFLOW_DOCKER_PRIVILEGED: z
    .enum(['true', 'false'])
    .default('true')
    .describe(
      'whether they are privileged, which Kubernetes in them needs; false with a runtime that does without (Sysbox)',
    ),
};
