/** Keys in a Secret of a cluster. It is there already, empty at first: so only reading and changing this one is needed. */
import type { NatsKeyHolder } from '@skyflow/domain';
import {
  type KubeObject,
  type KubeResource,
  KubeClient,
  connectionOf,
  inClusterConnection,
  loadKubeConfig,
} from '@skyflow/kube-client';
import { type KeyStore, newSeed, publicKeyOf } from '@skyflow/nats-server';

const SECRETS: KubeResource = { group: '', version: 'v1', plural: 'secrets', kind: 'Secret', namespaced: true };

export class SecretKeys implements KeyStore {
  private constructor(
    private readonly client: KubeClient,
    private readonly namespace: string,
    private readonly name: string,
    readonly holders: readonly NatsKeyHolder[],
  ) {}

  /** @param secret `<namespace>/<name>`. @param kubeconfig absent: from inside a pod. @throws KubeConfigError */
  static async open(
    secret: string,
    holders: readonly NatsKeyHolder[],
    kubeconfig: string | undefined,
  ): Promise<SecretKeys> {
    const [namespace = '', name = ''] = secret.split('/');
    const connection =
      kubeconfig === undefined
        ? await inClusterConnection()
        : await connectionOf((await loadKubeConfig(kubeconfig)).context());
    const client = new KubeClient(connection, { userAgent: 'skyflow-nats-keeper' });
    return new SecretKeys(client, namespace, name, holders);
  }

  /** Makes what is missing; lets in nobody but the holders of the seeds. @returns whose keys were made */
  async ensure(): Promise<NatsKeyHolder[]> {
    const data = await this.read();
    const made = this.holders.filter((holder) => data[`${holder}.nk`] === undefined);
    const seeds = this.holders.map((holder) => [holder, data[`${holder}.nk`] ?? newSeed()] as const);
    await this.patch(
      Object.fromEntries(
        seeds.flatMap(([holder, seed]) => [
          [`${holder}.nk`, seed],
          [`${holder}.pub`, `${publicKeyOf(seed)}\n`],
        ]),
      ),
    );
    return made;
  }

  async seed(holder: NatsKeyHolder): Promise<string> {
    const seed = (await this.read())[`${holder}.nk`];
    if (seed === undefined) {
      throw new Error(
        `Secret ${this.namespace}/${this.name} has no ${holder}.nk; make the keys first: nats-keeper keys`,
      );
    }
    return seed;
  }

  setLetIn(keys: Partial<Record<NatsKeyHolder, readonly string[]>>): Promise<void> {
    return this.patch(
      Object.fromEntries(Object.entries(keys).map(([holder, own]) => [`${holder}.pub`, `${own.join('\n')}\n`])),
    );
  }

  setSeeds(seeds: Partial<Record<NatsKeyHolder, string>>): Promise<void> {
    return this.patch(Object.fromEntries(Object.entries(seeds).map(([holder, seed]) => [`${holder}.nk`, seed])));
  }

  close(): void {
    this.client.close();
  }

  private async read(): Promise<Record<string, string>> {
    const { namespace, name } = this;
    const { data = {} } = await this.client.get<KubeObject & { data?: Record<string, string> }>(SECRETS, {
      namespace,
      name,
    });
    return Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]),
    );
  }

  private async patch(data: Record<string, string>): Promise<void> {
    await this.client.request(`/api/v1/namespaces/${this.namespace}/secrets/${this.name}`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: {
        data: Object.fromEntries(
          Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
        ),
      },
    });
  }
}
