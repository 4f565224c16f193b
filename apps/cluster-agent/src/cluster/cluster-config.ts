/**
 * How to reach the cluster, and whether that has changed since. Credentials that a kubeconfig only points to (token files, client
 * certificates, plugins) are renewed without a new connection and are no change.
 */
import { readFile } from 'node:fs/promises';
import {
  connectionOf,
  inClusterConnection,
  parseKubeConfig,
  resolvePath,
  type KubeConnection,
} from '@skyflow/kube-client';

export class ClusterConfig {
  private text = '';
  private ca: string | undefined;
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
    const context = (await parseKubeConfig(text, this.kubeconfig)).context(this.context);
    const connection = await connectionOf(context);
    const { 'certificate-authority': file, 'certificate-authority-data': inline } = context.cluster;
    this.caFile = file === undefined || inline !== undefined ? undefined : resolvePath(context.directory, file);
    this.text = text;
    this.ca = connection.ca;
    return connection;
  }

  /** Whether reading it now gives another cluster, or other words about it. A file that is being written, or is broken, is no change. */
  async hasChanged(): Promise<boolean> {
    const before = { text: this.text, ca: this.ca };
    if (this.kubeconfig !== undefined && !(await this.isTouched())) return false;
    try {
      await this.read();
    } catch {
      return false;
    }
    return before.text !== this.text || before.ca !== this.ca;
  }

  /** Cheaper than parsing it. */
  private async isTouched(): Promise<boolean> {
    const text = await readFile(this.kubeconfig ?? '', 'utf8').catch(() => this.text);
    if (text !== this.text) return true;
    return this.caFile !== undefined && (await readFile(this.caFile, 'utf8').catch(() => this.ca)) !== this.ca;
  }
}
