/**
 * Authorities and certificate of this cluster's mesh gateway, made here and kept beside the agent's state: no key ever leaves the
 * cluster. When anything is renewed is decided by planCertificates.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueCertificate, type Authority } from '@skyflow/certificates';
import { gatewayIdentity, nodeIdentity, type GatewayConfig } from '@skyflow/contracts';
import { AUTHORITY_LIFE_MS, CERTIFICATE_LIFE_MS, planCertificates } from '@skyflow/domain';
import type { Logger } from '@skyflow/service';
import { z } from 'zod';

const keptSchema = z.array(
  z.object({
    generation: z.int(),
    madeAt: z.number(),
    subject: z.object({ commonName: z.string() }),
    certificate: z.string(),
    privateKey: z.string(),
  }),
);
type KeptAuthority = Authority & { generation: number; madeAt: number };

export interface GatewayCertificatesOptions {
  cluster: string;
  /** Absent: they live as long as the process. */
  directory: string | undefined;
  logger: Logger;
}

export class GatewayCertificates {
  private readonly path: string | undefined;
  private certificate: (GatewayConfig['identity'] & { generation: number; madeAt: number }) | undefined;
  private forNodes: GatewayConfig['identity'] | undefined;
  private kept: KeptAuthority[] = [];

  private constructor(private readonly options: GatewayCertificatesOptions) {
    const { directory } = options;
    this.path = directory === undefined ? undefined : join(directory, 'mesh-authorities.json');
  }

  static async load(options: GatewayCertificatesOptions): Promise<GatewayCertificates> {
    const certificates = new GatewayCertificates(options);
    await certificates.read();
    await certificates.renew(Date.now());
    return certificates;
  }

  get identity(): GatewayConfig['identity'] {
    if (this.certificate === undefined) throw new Error('the gateway has no certificate');
    return this.certificate;
  }

  /** Of the probes on nodes, all together. */
  get nodeIdentity(): GatewayConfig['identity'] {
    if (this.forNodes === undefined) throw new Error('there is no certificate for node probes');
    return this.forNodes;
  }

  /** PEM, oldest first. */
  get authorities(): string[] {
    return this.kept.map(({ certificate }) => certificate);
  }

  /** Makes what is due. @returns when to look again, ms since the epoch. */
  async renew(nowMs: number): Promise<number> {
    const { cluster, logger } = this.options;
    const { certificate } = this;
    const plan = planCertificates({ authorities: this.kept, certificate }, nowMs);
    if (plan.makeAuthority !== undefined) {
      const subject = { commonName: `SkyFlow mesh of ${cluster}, generation ${plan.makeAuthority}` };
      const made = issueCertificate({ subject, use: 'authority', lifeMs: AUTHORITY_LIFE_MS, nowMs });
      this.kept = [...this.kept, { ...made, generation: plan.makeAuthority, madeAt: nowMs }];
      logger.info({ generation: plan.makeAuthority }, 'the mesh gateway has a new authority');
    }
    this.kept = this.kept.filter(({ generation }) => !plan.forget.includes(generation));
    if (plan.makeAuthority !== undefined || plan.forget.length > 0) await this.write();
    const signer = this.kept.find(({ generation }) => generation === plan.sign);
    if (signer !== undefined) {
      const issue = (commonName: string, uri: string): Authority =>
        issueCertificate(
          { subject: { commonName }, uris: [uri], use: 'peer', lifeMs: CERTIFICATE_LIFE_MS, nowMs },
          signer,
        );
      const made = issue(cluster, gatewayIdentity(cluster));
      this.certificate = { ...made, generation: signer.generation, madeAt: nowMs };
      const { certificate: forNodes, privateKey } = issue(`${cluster} node`, nodeIdentity(cluster));
      this.forNodes = { certificate: forNodes, privateKey };
    }
    return plan.nextAt;
  }

  private async read(): Promise<void> {
    if (this.path === undefined) return;
    try {
      this.kept = keptSchema.parse(JSON.parse(await readFile(this.path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      const { logger } = this.options;
      logger.warn(
        { path: this.path, err: error },
        'the authorities of the mesh cannot be read; new ones take their place',
      );
    }
  }

  private async write(): Promise<void> {
    if (this.path === undefined) return;
    try {
      await mkdir(join(this.path, '..'), { recursive: true });
      await writeFile(`${this.path}.tmp`, JSON.stringify(this.kept), { mode: 0o600 });
      await rename(`${this.path}.tmp`, this.path);
    } catch (error) {
      const { logger } = this.options;
      logger.warn(
        { path: this.path, err: error },
        'the authorities of the mesh cannot be kept; the next start makes new ones',
      );
    }
  }
}
