/**
 * Clusters of k3s in containers, where Docker is there: a second real Kubernetes for the same tests, one that runs what pods say.
 * testcontainers starts and removes them, also when this process is killed.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestbedStartError, TestbedUnavailableError } from '../errors.js';
import { mergedKubeconfig } from './merged-kubeconfig.js';

/** Overridden by SKYFLOW_K3S_IMAGE. */
export const K3S_IMAGE = 'rancher/k3s:v1.34.1-k3s1';
/** A daemon that hangs is no daemon. */
const DOCKER_ANSWER_MS = 15_000;

export interface K3sOptions {
  clusters: readonly string[];
  /** Made if missing; holds the kubeconfig. */
  directory: string;
  env?: NodeJS.ProcessEnv;
}

export interface K3sClusters {
  /** Path (0600); a context per cluster, named like it. */
  kubeconfig: string;
  version: string;
  stop(): Promise<void>;
}

/** Gets the image. @throws TestbedUnavailableError in one line: no Docker, or no image */
export async function prepareK3s(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  // Loaded here: it takes half a second, and most runs need none of it.
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const image = imageOf(env);
  const docker = await within(DOCKER_ANSWER_MS, getContainerRuntimeClient()).catch((error: unknown) => {
    throw new TestbedUnavailableError(
      `no k3s: no container runtime answers (${firstLine(error)}); start Docker, or set DOCKER_HOST`,
      { cause: error },
    );
  });
  try {
    await docker.image.pull(ImageName.fromString(image));
  } catch (error) {
    throw new TestbedUnavailableError(
      `no k3s: Docker has no image ${image} and cannot pull it (${firstLine(error)}); SKYFLOW_K3S_IMAGE names another`,
      { cause: error },
    );
  }
  return image;
}

/** @throws TestbedUnavailableError, TestbedStartError */
export async function startK3s({ clusters, directory, env = process.env }: K3sOptions): Promise<K3sClusters> {
  const image = await prepareK3s(env);
  const { K3sContainer } = await import('@testcontainers/k3s');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const kubeconfig = join(directory, 'kubeconfig');
  const started = await Promise.allSettled(clusters.map(() => new K3sContainer(image).start()));
  const running = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((container) => container.stop()));
    await rm(kubeconfig, { force: true });
  };
  const failed = started.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw new TestbedStartError(`k3s does not start: ${firstLine(failed.reason)}`, { cause: failed.reason });
  }
  const parts = clusters.map((name, at) => ({ name, kubeconfig: running[at]?.getKubeConfig() ?? '' }));
  await writeFile(kubeconfig, mergedKubeconfig(parts), { mode: 0o600 });
  return { kubeconfig, version: image.slice(image.indexOf(':') + 1), stop };
}

const imageOf = (env: NodeJS.ProcessEnv): string => env.SKYFLOW_K3S_IMAGE ?? K3S_IMAGE;

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  const late = sleep(limitMs, undefined, { ref: false }).then((): never => {
    throw new Error(`no answer within ${limitMs} ms`);
  });
  return Promise.race([promise, late]);
}
