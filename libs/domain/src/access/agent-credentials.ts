/**
 * What the agent of a cluster is let in with: a Token of type Agent, which has hashes of what it presents to the API and the public keys
 * that it signs with at NATS. It is replaced piece by piece, the old beside the new for a while, so that nothing is lost when an answer is.
 * Times are RFC 3339, as in the object.
 */
import type { AgentNatsKey, TokenSecret, TokenSpec } from '@skyflow/contracts';
import { timestamp } from '../objects/sightings.js';
import { AUTHENTICATED, type Identity } from './identity.js';
import { isExpired, withAccess } from './token-life.js';

/** Without being renewed, an agent is let in for so long: a cluster may be away for a while. */
export const AGENT_LIFE_MS = 30 * 24 * 3_600_000;
/** An agent renews what it is let in with so often. */
export const AGENT_RENEW_MS = 24 * 3_600_000;
const LONGEST_OVERLAP_MS = 3_600_000;
/** All agents. */
export const AGENTS = 'system:agents';

export const agentIdentity = (cluster: string): Identity => ({
  name: `system:agent:${cluster}`,
  groups: [AGENTS, AUTHENTICATED],
});

/** What the agent gave and was given: its public key, the hash of its token. */
export interface AgentProof {
  readonly natsKey: string;
  readonly hash: string;
}

export interface AgentToken {
  readonly spec: TokenSpec;
  readonly secret: TokenSecret;
}

export function newAgentToken(
  cluster: { readonly name: string; readonly uid: string },
  { natsKey, hash }: AgentProof,
  nowMs: number,
): AgentToken {
  const expiresAt = timestamp(nowMs + AGENT_LIFE_MS);
  return {
    spec: {
      type: 'Agent',
      user: agentIdentity(cluster.name).name,
      cluster: cluster.name,
      clusterUid: cluster.uid,
      natsKeys: [{ key: natsKey }],
      expiresAt,
    },
    secret: { access: [{ hash, expiresAt }] },
  };
}

/**
 * The new beside the old, which is good for a part of `renewMs` yet.
 * @param presented hash of the token that it was asked for with: while answers are lost the agent has no other, however often it asks
 */
export function renewedAgentToken(
  { spec, secret }: AgentToken,
  { natsKey, hash, presented }: AgentProof & { readonly presented: string },
  nowMs: number,
  renewMs = AGENT_RENEW_MS,
): AgentToken {
  const overlap = timestamp(nowMs + Math.min(LONGEST_OVERLAP_MS, renewMs / 4));
  const sooner = (at: string | undefined): string => (at === undefined || at > overlap ? overlap : at);
  const expiresAt = timestamp(nowMs + AGENT_LIFE_MS);
  const access = secret.access.map((each) => ({ ...each, expiresAt: sooner(each.expiresAt) }));
  const old = goodNatsKeys(spec, nowMs).filter(({ key }) => key !== natsKey);
  return {
    // One before this one at most: whoever renews in a loop does not fill the server's configuration.
    spec: {
      ...spec,
      expiresAt,
      natsKeys: [...old.slice(-1).map(({ key, until }) => ({ key, until: sooner(until) })), { key: natsKey }],
    },
    secret: withAccess({ access }, { hash, expiresAt }, nowMs, presented),
  };
}

const goodNatsKeys = ({ natsKeys = [] }: TokenSpec, nowMs: number): AgentNatsKey[] =>
  natsKeys.filter(({ until }) => !isExpired(until, nowMs));

/** Keys that nats-server is to let in, by cluster, and when that changes by time alone (ms; undefined: never). */
export interface LetIn {
  readonly agents: Readonly<Record<string, readonly string[]>>;
  readonly changesAtMs: number | undefined;
}

/**
 * @param tokens of any type
 * @param clusters uids by name: a token of a cluster that is gone, or is another of the same name, lets nobody in
 */
export function agentsLetIn(tokens: Iterable<TokenSpec>, clusters: ReadonlyMap<string, string>, nowMs: number): LetIn {
  const agents: Record<string, string[]> = {};
  let changesAtMs: number | undefined;
  for (const spec of tokens) {
    const { type, cluster = '', clusterUid, expiresAt } = spec;
    if (type !== 'Agent' || clusterUid === undefined || clusters.get(cluster) !== clusterUid) continue;
    if (isExpired(expiresAt, nowMs)) continue;
    for (const { key, until } of goodNatsKeys(spec, nowMs)) {
      (agents[cluster] ??= []).push(key);
      for (const end of [until, expiresAt]) {
        if (end !== undefined) changesAtMs = Math.min(changesAtMs ?? Infinity, Date.parse(end));
      }
    }
  }
  return { agents, changesAtMs };
}
