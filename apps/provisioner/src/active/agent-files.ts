/**
 * Kubeconfigs of the clusters that are built, for the agents that the supervisor of this machine starts: one file per cluster under
 * SKYFLOW_HOME, made again from the sealed copies when it is missing, gone when the cluster is.
 */
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProvisioningState } from '@skyflow/domain';
import { type EscrowKeys, sha256 } from '../escrow/escrow-keys.js';
import { writeFileDurably } from '../drivers/write-file.js';
import { escrowName } from './escrow-name.js';

const SUFFIX = '.kubeconfig';

export class AgentFiles {
  /** SHA-256 of what is written, by uid. */
  private readonly written = new Map<string, string>();
  private hasLooked = false;

  constructor(
    private readonly folder: string,
    private readonly keys: () => EscrowKeys,
  ) {}

  async sync(state: ProvisioningState): Promise<void> {
    if (!this.hasLooked) await this.look();
    const wanted = new Map(
      [...state.clusters.values()].flatMap(({ ref, active, phase, escrow }) =>
        active === undefined || phase === 'Failed' || escrow.kubeconfig === undefined
          ? []
          : [[ref.uid, escrow.kubeconfig] as const],
      ),
    );
    for (const uid of this.written.keys()) {
      if (wanted.has(uid)) continue;
      await rm(this.path(uid), { force: true });
      this.written.delete(uid);
    }
    for (const [uid, copy] of wanted) {
      if (this.written.get(uid) === copy.sha256) continue;
      await writeFileDurably(this.path(uid), this.keys().open(copy, escrowName(uid, 'kubeconfig')));
      this.written.set(uid, copy.sha256);
    }
  }

  /** What an earlier process of ours has written. */
  private async look(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith(SUFFIX)) continue;
      this.written.set(name.slice(0, -SUFFIX.length), sha256(await readFile(join(this.folder, name), 'utf8')));
    }
    this.hasLooked = true;
  }

  private path(uid: string): string {
    return join(this.folder, `${uid}${SUFFIX}`);
  }
}
