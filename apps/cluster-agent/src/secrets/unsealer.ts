/** Values of Secrets for the cluster: sealed in everything that comes from the log, opened just before they are applied, never kept. */
import { sealedDataSchema, sealedName, type ObjectRef, type SealedData, type UnsealReply } from '@skyflow/contracts';
import { SealError, openOnce, type DeliveryKey } from '@skyflow/agent-link';
import type { NativeObject } from '@skyflow/domain';

export interface UnsealerOptions {
  cluster: string;
  /** uid of the Cluster object. */
  clusterUid: string;
  key: DeliveryKey;
  /** Asks a gateway. Rejects while the control plane is away. */
  ask: (request: object) => Promise<UnsealReply>;
}

/** The values of a Secret cannot be had now. */
export class SecretSealedError extends Error {
  override readonly name = 'SecretSealedError';
}

/** Keys of Secrets remembered; one is 32 bytes. */
const MOST_KEYS = 10_000;

export class Unsealer {
  private readonly keys = new Map<string, Buffer>();

  constructor(private readonly options: UnsealerOptions) {}

  /**
   * The object with its values, for the pods of `user`; what is not sealed stays as it is.
   * @throws SecretSealedError
   */
  async reveal(object: NativeObject, user: ObjectRef): Promise<NativeObject> {
    const { sealed, ...rest } = object;
    if (sealed === undefined) return object;
    const parsed = sealedDataSchema.safeParse(sealed);
    const boundTo = sealedName(object.metadata.namespace ?? '', object.metadata.name);
    if (!parsed.success)
      throw new SecretSealedError(`the values of ${boundTo} are sealed in a way that this agent does not know`);
    try {
      const key = this.keys.get(parsed.data.key) ?? (await this.fetch(parsed.data, object, boundTo, user));
      const { data } = JSON.parse(openOnce(key, Buffer.from(parsed.data.data, 'base64'), boundTo).toString()) as {
        data: Record<string, string>;
      };
      return { ...rest, data };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      throw new SecretSealedError(error.message, { cause: error });
    }
  }

  private async fetch(
    { kid, key }: SealedData,
    { metadata }: NativeObject,
    boundTo: string,
    { kind, namespace = '', name, uid }: ObjectRef,
  ): Promise<Buffer> {
    const { cluster, clusterUid, ask } = this.options;
    const request = {
      cluster,
      uid: clusterUid,
      workload: { kind, namespace, name, uid },
      secret: metadata.name,
      kid,
      key,
    };
    const reply = await ask(request).catch((error: unknown) => {
      const message = `no gateway gives the key of ${boundTo} now: ${(error as Error).message}`;
      throw new SecretSealedError(message, { cause: error });
    });
    if ('error' in reply) throw new SecretSealedError(`the key of ${boundTo} was refused: ${reply.error}`);
    const opened = this.options.key.open(reply.key, boundTo);
    if (this.keys.size >= MOST_KEYS) this.keys.clear();
    this.keys.set(key, opened);
    return opened;
  }
}
