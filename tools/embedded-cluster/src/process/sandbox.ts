/**
 * The directory of one pod: working directory, logs and temp directory of each container, and the pod's volumes as files.
 * How volumes come to their mount paths is mount-namespace.ts.
 */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Container, KeyToPath, Pod, Volume } from '../model/pod.js';
import type { Mount } from './mount-namespace.js';

/** Contents of config maps and secrets, by name; undefined when there is none. */
export interface VolumeSources {
  configMap(name: string): Record<string, Buffer> | undefined;
  secret(name: string): Record<string, Buffer> | undefined;
}

/** The kubelet's FailedMount: the pod waits until it can be done. */
export class MountError extends Error {
  override readonly name = 'MountError';
}

export class Sandbox {
  readonly root: string;

  constructor(directory: string, pod: Pod) {
    const { namespace = '', name, uid = '' } = pod.metadata;
    this.root = join(directory, `${namespace}_${name}_${uid}`);
  }

  /**
   * Makes the volumes; may be called again when sources have changed.
   * @throws MountError when a config map or secret that is not optional is missing.
   */
  async mountVolumes(pod: Pod, sources: VolumeSources): Promise<void> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    for (const volume of pod.spec.volumes ?? []) {
      requireKnownSource(volume);
      const directory = this.volume(volume.name);
      await mkdir(directory, { recursive: true });
      const content = contentOf(volume, sources);
      if (content !== undefined) await writeFiles(directory, content);
    }
  }

  async containerDirectory(container: Container): Promise<string> {
    const directory = join(this.root, 'containers', container.name);
    await mkdir(join(directory, 'tmp'), { recursive: true, mode: 0o700 });
    return directory;
  }

  /** The working directory; spec.workingDir is made below the container's own directory. */
  async workingDirectory(container: Container): Promise<string> {
    const directory = join(await this.containerDirectory(container), 'root', inside(container.workingDir ?? ''));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  volume(name: string): string {
    return join(this.root, 'volumes', name);
  }

  /** What stands for the mount paths of a container. */
  mounts(pod: Pod, container: Container): Mount[] {
    return (container.volumeMounts ?? []).map(({ name, mountPath, subPath, readOnly }) => {
      const volume = pod.spec.volumes?.find((each) => each.name === name);
      const data = volume?.configMap ?? volume?.secret;
      return {
        path: `/${inside(mountPath)}`.replace(/\/+$/, ''),
        source: join(this.volume(name), inside(subPath ?? '')).replace(/\/+$/, ''),
        readOnly: readOnly === true || data !== undefined,
      };
    });
  }

  /** An empty directory, for the root of a container with mounts. */
  async rootDirectory(container: Container): Promise<string> {
    const directory = join(await this.containerDirectory(container), 'rootfs');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

const SOURCES = new Set(['name', 'emptyDir', 'configMap', 'secret', 'persistentVolumeClaim', 'ephemeral']);

/** Claims are toys: an empty directory that goes with the pod. */
function requireKnownSource(volume: Volume): void {
  const unknown = Object.keys(volume).find((field) => !SOURCES.has(field) && volume[field] !== undefined);
  if (unknown === undefined) return;
  throw new MountError(
    `MountVolume.SetUp failed for volume "${volume.name}" : embedded clusters have no volumes of type ${unknown}; use configMap, secret or emptyDir`,
  );
}

function contentOf(volume: Volume, sources: VolumeSources): Map<string, { data: Buffer; mode: number }> | undefined {
  const { configMap, secret } = volume;
  const source = configMap ?? secret;
  if (source === undefined) return undefined;
  const name = configMap?.name ?? secret?.secretName ?? '';
  const data = configMap === undefined ? sources.secret(name) : sources.configMap(name);
  if (data === undefined) {
    if (source.optional === true) return new Map();
    const kind = configMap === undefined ? 'secret' : 'configmap';
    throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${kind} "${name}" not found`);
  }
  return selected(volume.name, data, source.items);
}

function selected(
  volume: string,
  data: Record<string, Buffer>,
  items: KeyToPath[] | undefined,
): Map<string, { data: Buffer; mode: number }> {
  const files = new Map<string, { data: Buffer; mode: number }>();
  for (const { key, path, mode } of items ?? Object.keys(data).map((each): KeyToPath => ({ key: each, path: each }))) {
    const content = data[key];
    if (content === undefined) {
      throw new MountError(
        `MountVolume.SetUp failed for volume "${volume}" : references non-existent config key: ${key}`,
      );
    }
    files.set(inside(path), { data: content, mode: mode ?? 0o644 });
  }
  return files;
}

/** Each file is replaced in one step, so that a reader never sees half of it. */
async function writeFiles(directory: string, files: Map<string, { data: Buffer; mode: number }>): Promise<void> {
  for (const [path, { data, mode }] of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    const draft = `${target}.${randomBytes(4).toString('hex')}`;
    await writeFile(draft, data);
    await chmod(draft, mode);
    await rename(draft, target);
  }
}

/** A path that cannot leave the directory it is joined to. */
function inside(path: string): string {
  const clean = normalize(isAbsolute(path) ? path : `/${path}`);
  return clean.slice(1);
}
