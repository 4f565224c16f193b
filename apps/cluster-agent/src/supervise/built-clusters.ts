/**
 * Clusters that SkyFlow built: the provisioner on this machine writes their kubeconfigs under SKYFLOW_HOME, by uid of the Cluster. An agent
 * is started when the file is there; the folder is polled, as files are replaced in ways that watches of the system miss.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const SUFFIX = '.kubeconfig';
const EVERY_MS = 1_000;

export class BuiltClusters {
  private uids: ReadonlySet<string> = new Set();

  constructor(
    private readonly folder: string,
    private readonly onChange: () => void,
    private readonly everyMs = EVERY_MS,
  ) {}

  /** Path of the kubeconfig of a Cluster; undefined: it is not built (yet), or not on this machine. */
  kubeconfigOf(uid: string): string | undefined {
    return this.uids.has(uid) ? join(this.folder, `${uid}${SUFFIX}`) : undefined;
  }

  async read(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const uids = new Set(names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length)));
    const isSame = uids.size === this.uids.size && [...uids].every((uid) => this.uids.has(uid));
    this.uids = uids;
    if (!isSame) this.onChange();
  }

  /** Reads on until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      await delay(this.everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.read();
    }
  }
}
