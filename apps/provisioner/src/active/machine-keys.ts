/**
 * The SSH key of a cluster's rented machines: made with the plan, sealed in the log before a machine is asked for, in a file only while it is
 * needed, as drivers read it from one.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ClusterStep } from '@skyflow/contracts';
import type { ProvisionedCluster } from '@skyflow/domain';
import ssh2 from 'ssh2';
import { writeFileDurably } from '../drivers/write-file.js';
import { type EscrowKeys, sha256 } from '../escrow/escrow-keys.js';
import { escrowed } from './escrowed.js';
import { escrowName } from './escrow-name.js';
import { newSshKeyPair } from './ssh-key-pair.js';

/** A new key, sealed. */
export function sshKeyStep(cluster: ProvisionedCluster, keys: EscrowKeys): ClusterStep {
  const pair = newSshKeyPair(`skyflow-${cluster.ref.name}`);
  return escrowed(cluster, 'sshKey', pair.private, sha256(pair.public), keys);
}

export class MachineKeys {
  /** @param folder where the files are, by uid of the cluster. */
  constructor(
    private readonly folder: string,
    private readonly keys: () => EscrowKeys,
  ) {}

  /** Path of the private key; '' for a cluster on machines of its user's. @throws ProvisionError */
  async fileOf(cluster: ProvisionedCluster): Promise<string> {
    const key = this.privateKeyOf(cluster);
    if (key === undefined) return '';
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = this.pathOf(cluster.ref.uid);
    await writeFileDurably(path, key);
    return path;
  }

  /** As authorized_keys has it. @throws ProvisionError */
  publicKeyOf(cluster: ProvisionedCluster): string {
    const key = ssh2.utils.parseKey(this.privateKeyOf(cluster) ?? '');
    if (key instanceof Error) throw key;
    return `${key.type} ${key.getPublicSSH().toString('base64')} skyflow-${cluster.ref.name}`;
  }

  /** With what a process that was killed had begun to write. */
  async forget(uid: string): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const own = names.filter((name) => name.startsWith(basename(this.pathOf(uid))));
    await Promise.all(own.map((name) => rm(join(this.folder, name), { force: true })));
  }

  /** Where the file of the private key is while it is needed. */
  pathOf(uid: string): string {
    return join(this.folder, `${uid}.key`);
  }

  private privateKeyOf({ ref, escrow }: ProvisionedCluster): string | undefined {
    return escrow.sshKey === undefined ? undefined : this.keys().open(escrow.sshKey, escrowName(ref.uid, 'sshKey'));
  }
}
