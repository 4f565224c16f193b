/**
 * What the supervisor must remember over its restarts, in one file: contexts for which a Cluster was made (so that one the user
 * deleted is not made again until its context is removed and added), and the Clusters it ran agents for (so that agents run
 * while the gateway is away). Losing the file costs only that: deleted Clusters of present contexts come back.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Logger } from '@skyflow/service';

const knownClusterSchema = z.object({
  name: z.string(),
  uid: z.string(),
  context: z.string(),
  kubeconfig: z.string().optional(),
});
/** A Cluster that this supervisor runs an agent for. */
export type KnownCluster = z.infer<typeof knownClusterSchema>;

const fileSchema = z.object({
  v: z.literal(1),
  /** contextKey of each context that has been registered. */
  registered: z.array(z.string()),
  clusters: z.array(knownClusterSchema),
});

export class SupervisorMemory {
  private readonly registered = new Set<string>();
  private known: KnownCluster[] = [];
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly logger: Logger,
  ) {}

  static async load(path: string, logger: Logger): Promise<SupervisorMemory> {
    const memory = new SupervisorMemory(path, logger);
    try {
      const file = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
      for (const key of file.registered) memory.registered.add(key);
      memory.known = file.clusters;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        logger.warn({ path, err: error }, 'the memory of the supervisor cannot be read; it begins anew');
      }
    }
    return memory;
  }

  get clusters(): readonly KnownCluster[] {
    return this.known;
  }

  isRegistered(key: string): boolean {
    return this.registered.has(key);
  }

  /** Resolves when it is on disk. */
  register(key: string): Promise<void> {
    this.registered.add(key);
    return this.save();
  }

  /** Forgets registered contexts for which `isGone` holds. */
  forget(isGone: (key: string) => boolean): Promise<void> {
    const gone = [...this.registered].filter(isGone);
    for (const key of gone) this.registered.delete(key);
    return gone.length === 0 ? Promise.resolve() : this.save();
  }

  setClusters(clusters: readonly KnownCluster[]): Promise<void> {
    if (JSON.stringify(clusters) === JSON.stringify(this.known)) return Promise.resolve();
    this.known = [...clusters];
    return this.save();
  }

  private save(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    const text = JSON.stringify({ v: 1, registered: [...this.registered], clusters: this.known });
    try {
      await mkdir(dirname(this.path), { recursive: true });
      const temporary = `${this.path}.tmp`;
      const file = await open(temporary, 'w', 0o600);
      await file.writeFile(text);
      await file.sync();
      await file.close();
      await rename(temporary, this.path);
    } catch (error) {
      this.logger.warn({ path: this.path, err: error }, 'the memory of the supervisor could not be saved');
    }
  }
}
