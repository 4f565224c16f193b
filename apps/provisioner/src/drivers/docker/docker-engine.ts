/** A Docker engine by its official protocol: calls with a deadline, and what their failures mean. */
import Docker from 'dockerode';
import { ProvisionError } from '../../provision-error.js';
import { UnknownOutcomeError } from '../machine-driver.js';

export interface DockerOptions {
  /** `unix:///…` or `tcp://…`; undefined: as Docker's own command line finds it. */
  host: string | undefined;
  image: string;
  /** Kubernetes in them needs it. */
  privileged: boolean;
  /** A call without an answer for so long has none. */
  answerMs: number;
}

const SOCKET = '/var/run/docker.sock';

export const hostOf = ({ host }: Pick<DockerOptions, 'host'>): string =>
  host ?? process.env['DOCKER_HOST'] ?? `unix://${SOCKET}`;

/** @throws ProvisionError for an address that is none. */
export function engineOf(options: DockerOptions): Docker {
  const address = hostOf(options);
  const timeout = options.answerMs;
  if (address.startsWith('unix://')) return new Docker({ socketPath: address.slice('unix://'.length), timeout });
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'tcp:' || url?.protocol === 'http:') {
    return new Docker({
      host: url.hostname,
      port: url.port === '' ? 2375 : Number(url.port),
      protocol: 'http',
      timeout,
    });
  }
  throw new ProvisionError(
    'config',
    `the address of the Docker engine is ${address}`,
    'set SKYFLOW_DOCKER_HOST (or DOCKER_HOST) to unix:///path/docker.sock or tcp://host:port',
  );
}

/** The engine's own status code; undefined: it did not answer. */
export const statusOf = (error: unknown): number | undefined => (error as { statusCode?: number }).statusCode;
const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/** Nobody listens: nothing was done. */
const REFUSED: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES', 'ENOTFOUND']);

/** What a failed call means. @param doing for people. */
export function asFailure(error: unknown, doing: string, options: DockerOptions): Error {
  if (error instanceof ProvisionError) return error;
  const { message } = error as Error;
  if (REFUSED.has(codeOf(error))) {
    return new ProvisionError(
      'config',
      `no Docker engine answers at ${hostOf(options)}: ${message}`,
      'start Docker on the machine of the provisioner, or say where it is by SKYFLOW_DOCKER_HOST; its user must be in the group docker',
      { cause: error },
    );
  }
  if (statusOf(error) === 404 && /no such image/i.test(message)) {
    return new ProvisionError(
      'config',
      `the Docker engine has no image ${options.image}`,
      `docker build -t ${options.image} deploy/machine, or name another one by SKYFLOW_DOCKER_IMAGE`,
      { line: message, cause: error },
    );
  }
  const advice = `docker info and the log of dockerd say more`;
  return new ProvisionError(statusOf(error) === undefined ? 'network' : 'docker', `${doing}: ${message}`, advice, {
    line: message,
    cause: error,
  });
}

/** The same of a call that changes something: without an answer it may have been done. */
export function asOutcome(error: unknown, doing: string, options: DockerOptions): Error {
  const failure = asFailure(error, doing, options);
  const isUnknown = statusOf(error) === undefined && !REFUSED.has(codeOf(error)) && !(error instanceof ProvisionError);
  return isUnknown ? new UnknownOutcomeError(failure.message, { cause: error }) : failure;
}
