/**
 * The directory of one pod: a working directory, a home, a log and a temp directory per container, and the pod's volumes as files.
 * There is no mount namespace: a volume is not at its mountPath but where `SKYFLOW_MOUNTS` says.
 */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Container, KeyToPath, Pod, Volume } from '../model/pod.js';

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

  /** Mount paths of a container and the directories that stand for them. */
  mounts(container: Container): Record<string, string> {
    return Object.fromEntries(
      (container.volumeMounts ?? []).map(({ name, mountPath, subPath }) => [
        mountPath,
        join(this.volume(name), inside(subPath ?? '')),
      ]),
    );
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
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
