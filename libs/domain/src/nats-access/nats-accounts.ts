/**
 * From the rules and the public keys of everybody to the accounts of a nats-server: SYS for the server itself, SKYFLOW with the log and
 * the services, one account per agent. Pure, and the same for the same keys in any order.
 */
import { STREAM, isDnsLabel } from '@skyflow/contracts';
import {
  NATS_KEEPER,
  type NatsGrants,
  type NatsKeyHolder,
  keeperGrants,
  natsGrants,
  natsServices,
} from './nats-rules.js';

/** Public keys (nkeys, `U…`) by who has them. Two at a time while one replaces the other. */
export interface NatsKeys {
  readonly services: Readonly<Partial<Record<NatsKeyHolder, readonly string[]>>>;
  /** By name of the cluster. */
  readonly agents: Readonly<Record<string, readonly string[]>>;
}

export interface NatsUser {
  readonly nkey: string;
  /** Absent: everything in its account. */
  readonly permissions?: NatsGrants;
}

/** What an account offers to others, or takes from one: requests and messages to it (service), or messages from it (stream). */
export interface NatsShare {
  readonly type: 'service' | 'stream';
  readonly subject: string;
  /** Of a service: one request has many answers. */
  readonly streamed?: boolean;
}

export interface NatsAccount {
  readonly name: string;
  readonly jetStream: boolean;
  readonly users: readonly NatsUser[];
  readonly exports: readonly NatsShare[];
  /** From {@link LOG_ACCOUNT}. */
  readonly imports: readonly NatsShare[];
}

export const SYSTEM_ACCOUNT = 'SYS';
/** Holds the log; services connect to it. */
export const LOG_ACCOUNT = 'SKYFLOW';
export const agentAccount = (cluster: string): string => `agent.${cluster}`;

/** Agents whose cluster's name is no DNS label are left out: it would be more than one token of a subject, or a wildcard. */
export function natsAccounts({ services, agents }: NatsKeys): NatsAccount[] {
  // A server takes no configuration in which a key is there twice: the first one has it, services before agents.
  const taken = new Set<string>();
  const free = (keys: readonly string[] | undefined): string[] =>
    [...(keys ?? [])].sort().filter((key) => !taken.has(key) && taken.add(key));
  const users = natsServices.flatMap((service) =>
    free(services[service]).map((nkey) => ({ nkey, permissions: natsGrants({ service }) })),
  );
  const keepers = free(services[NATS_KEEPER]).map((nkey) => ({ nkey, permissions: keeperGrants }));
  return [
    { name: SYSTEM_ACCOUNT, jetStream: false, users: keepers, exports: [], imports: [] },
    { name: LOG_ACCOUNT, jetStream: true, users, exports: shares('*'), imports: [] },
    ...Object.keys(agents)
      .filter((cluster) => isDnsLabel(cluster) && (agents[cluster]?.length ?? 0) > 0)
      .sort()
      .map((cluster) => ({
        name: agentAccount(cluster),
        jetStream: false,
        users: free(agents[cluster]).map((nkey) => ({ nkey })),
        exports: [],
        imports: shares(cluster),
      })),
  ];
}

/** The subjects of one agent, or of all (`*`), as the log's account shares them. */
function shares(cluster: string): NatsShare[] {
  const { publish, subscribe } = natsGrants({ agent: cluster });
  // Consumers have names of one token, in which a wildcard cannot be a part.
  const pulls = cluster === '*' ? [pullSubject('*')] : publish.filter(isPull);
  return [
    ...publish.filter((subject) => !isPull(subject)).map((subject) => ({ type: 'service', subject }) as const),
    ...pulls.map((subject) => ({ type: 'service', subject, streamed: true }) as const),
    ...subscribe.map((subject) => ({ type: 'stream', subject }) as const),
  ];
}

const pullSubject = (consumer: string): string => `$JS.API.CONSUMER.MSG.NEXT.${STREAM}.${consumer}`;
const isPull = (subject: string): boolean => subject.startsWith(pullSubject(''));
