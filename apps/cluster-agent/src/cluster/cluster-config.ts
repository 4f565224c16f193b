/**
 * How to reach the cluster, and whether that has changed since. Credentials that a kubeconfig only points to (token files, client
 * certificates, plugins) are renewed without a new connection and are no change; nor is what it says of other contexts.
 */
import { readFile } from 'node:fs/promises';
import {
  connectionOf,
  inClusterConnection,
  parseKubeConfig,
  resolvePath,
  type KubeConnection,
  type KubeContext,
} from '@skyflow/kube-client';

export class ClusterConfig {
  private text = '';
  /** What the file says of our context. */
  private said = '';
  private ca: string | undefined;
  /** A file without our context, as it was when that was first seen. */
  private without: string | undefined;
  /** File that `ca` came from. */
  private caFile: string | undefined;

  /** @param kubeconfig absent: the service account of the pod. */
  constructor(
    private readonly kubeconfig: string | undefined,
    private readonly context: string | undefined,
  ) {}

  /** @throws Error saying what is wrong and with which file. */
  async read(): Promise<KubeConnection> {
    if (this.kubeconfig === undefined) {
      const connection = await inClusterConnection();
      this.ca = connection.ca;
      return connection;
    }
    const text = await readFile(this.kubeconfig, 'utf8').catch((error: unknown) => {
      throw new Error(`kubeconfig ${this.kubeconfig ?? ''} cannot be read: ${(error as Error).message}`);
    });
    return this.take(text, (await parseKubeConfig(text, this.kubeconfig)).context(this.context));
  }

  private async take(text: string, context: KubeContext): Promise<KubeConnection> {
    const connection = await connectionOf(context);
    const { 'certificate-authority': file, 'certificate-authority-data': inline } = context.cluster;
    this.caFile = file === undefined || inline !== undefined ? undefined : resolvePath(context.directory, file);
    this.text = text;
    this.said = JSON.stringify(context);
    this.ca = connection.ca;
    return connection;
  }

  /**
   * Whether reading it now gives another cluster, or other words about it, or our context is not in it any more. A file that is being
   * written, or is broken, is no change.
   */
  async hasChanged(): Promise<boolean> {
    const { said, ca } = this;
    if (this.kubeconfig === undefined) {
      await this.read().catch(() => undefined);
      return ca !== this.ca;
    }
    if (!(await this.isTouched())) return false;
    try {
      const text = await readFile(this.kubeconfig, 'utf8');
      const config = await parseKubeConfig(text, this.kubeconfig);
      if (this.isWithoutUs(text, config.contextNames)) return true;
      await this.take(text, config.context(this.context));
    } catch {
      return false;
    }
    return said !== this.said || ca !== this.ca;
  }

  /** Seen twice: half a file that happens to be one is soon another. */
  private isWithoutUs(text: string, contexts: readonly string[]): boolean {
    const isWithout = this.context !== undefined && contexts.length > 0 && !contexts.includes(this.context);
    const isSeenBefore = this.without === text;
    this.without = isWithout ? text : undefined;
    return isWithout && isSeenBefore;
  }

  /** Cheaper than parsing it. */
  private async isTouched(): Promise<boolean> {
    const text = await readFile(this.kubeconfig ?? '', 'utf8').catch(() => this.text);
    if (text !== this.text) return true;
    return this.caFile !== undefined && (await readFile(this.caFile, 'utf8').catch(() => this.ca)) !== this.ca;
  }
}
