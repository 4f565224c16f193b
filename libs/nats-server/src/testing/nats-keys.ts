/** Keys of everybody for a test server with accounts, and connections with them. */
import {
  type NatsConnection,
  type NodeConnectionOptions,
  connect,
  nkeyAuthenticator,
  nkeys,
} from '@nats-io/transport-node';
import { type NatsAccount, type NatsIdentity, type NatsKeys, natsAccounts, natsServices } from '@skyflow/domain';
import { inboxPrefix } from '@skyflow/contracts';

export class TestKeys {
  private readonly seeds = new Map<string, Uint8Array>();
  readonly identities: readonly NatsIdentity[];

  constructor(clusters: readonly string[]) {
    this.identities = [...natsServices.map((service) => ({ service })), ...clusters.map((agent) => ({ agent }))];
    for (const identity of this.identities) this.replace(identity);
  }

  /** A new key; the server must be told. @returns the public keys before and after */
  replace(identity: NatsIdentity): { before: string | undefined; after: string } {
    const before = this.seeds.get(nameOf(identity));
    const made = nkeys.createUser();
    this.seeds.set(nameOf(identity), made.getSeed());
    return { before: before && nkeys.fromSeed(before).getPublicKey(), after: made.getPublicKey() };
  }

  publicKey(identity: NatsIdentity): string {
    return nkeys.fromSeed(this.seed(identity)).getPublicKey();
  }

  /** @param without whose keys are not let in; @param also further keys by name of the identity */
  accounts(without: readonly NatsIdentity[] = [], also: Record<string, string> = {}): NatsAccount[] {
    const left = new Set(without.map(nameOf));
    const keys = { services: {} as Record<string, string[]>, agents: {} as Record<string, string[]> };
    for (const identity of this.identities) {
      const name = nameOf(identity);
      if (left.has(name)) continue;
      const further = also[name];
      const list = [this.publicKey(identity), ...(further === undefined ? [] : [further])];
      if ('agent' in identity) keys.agents[identity.agent] = list;
      else keys.services[identity.service] = list;
    }
    return natsAccounts(keys satisfies NatsKeys);
  }

  /** Asks for the present key at every connect, as services do. */
  connect(url: string, identity: NatsIdentity, options: NodeConnectionOptions = {}): Promise<NatsConnection> {
    return connect({
      servers: url,
      authenticator: nkeyAuthenticator(() => this.seed(identity)),
      ...('service' in identity ? { inboxPrefix: inboxPrefix(identity.service) } : {}),
      ...options,
    });
  }

  private seed(identity: NatsIdentity): Uint8Array {
    const seed = this.seeds.get(nameOf(identity));
    if (seed === undefined) throw new Error(`${nameOf(identity)} has no key`);
    return seed;
  }
}

/** `scheduler`, or `agent east`. */
export const nameOf = (identity: NatsIdentity): string =>
  'agent' in identity ? `agent ${identity.agent}` : identity.service;
