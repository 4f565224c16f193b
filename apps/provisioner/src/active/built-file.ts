/**
 * What was built and is not yet taken away, in a file that can be read while nothing runs: whoever is about to remove all data is told what
 * nobody would know of afterwards. Written before a machine is asked for.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvisionedCluster, ProvisioningState } from '@skyflow/domain';
import { writeFileDurably } from '../drivers/write-file.js';

const FILE = 'built.json';

export class BuiltFile {
  private written: string | undefined;

  constructor(private readonly folder: string) {}

  async sync({ clusters }: ProvisioningState): Promise<void> {
    const built = [...clusters.values()].filter(isThere).map(({ ref, machines, groundwork }) => ({
      name: ref.name,
      machines: [...machines.values()].map(({ name, driver, providerId, host, offer }) => ({
        ...{ name, driver, providerId, host, region: offer?.region },
      })),
      groundwork: groundwork?.region,
    }));
    const text = JSON.stringify({ clusters: built });
    if (text === this.written) return;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFileDurably(join(this.folder, FILE), text);
    this.written = text;
  }
}

/** Something of it costs money, or is on hosts of its user. */
const isThere = ({ machines, groundwork, touched }: ProvisionedCluster): boolean =>
  groundwork !== undefined || touched || [...machines.values()].some(({ driver }) => driver !== 'static');
