/**
 * How the agent of a cluster comes in: whoever may change the Cluster gets a join token for it, good once and for a short time; the agent
 * gives it together with the public key that it made, and is given a token of its own, which it renews. The private key never leaves it.
 */
import { randomUUID } from 'node:crypto';
import { API_VERSION, type StoredObject, type TokenSpec } from '@skyflow/contracts';
import {
  AGENT_RENEW_MS,
  type AgentToken,
  JOIN_LIFE_MS,
  type ObjectCommand,
  type ObjectRecord,
  agentIdentity,
  newAgentToken,
  renewedAgentToken,
  timestamp,
} from '@skyflow/domain';
import { StatusError, badRequest, isStatus } from '@skyflow/apimachinery';
import { nkeys } from '@nats-io/transport-node';
import { type AccessModel, tokenBody } from './access-model.js';
import type { NewToken, Sessions } from './sessions.js';
import { storedAgain } from './stored-again.js';
import { newSecret, newTokenName } from './token-text.js';

/** Where an agent finds NATS. */
export interface AgentNats {
  url: string;
  /** Authority of its certificate (PEM); absent: no TLS. */
  certificateAuthority?: string;
}

/** What an agent gets for its join token, or for its token when it renews that. */
export interface AgentAnswer {
  cluster: string;
  uid: string;
  /** For the API; told this once. */
  token: string;
  expiresAt: string;
  /** It should come back then for another. */
  renewAt: string;
  nats: AgentNats;
}

export interface EnrolmentParts {
  access: AccessModel;
  sessions: Sessions;
  nats: AgentNats;
  /** Default: a day. */
  renewMs?: number;
  nowMs?: () => number;
}

export class Enrolment {
  private readonly nowMs: () => number;
  private readonly renewMs: number;

  constructor(private readonly parts: EnrolmentParts) {
    this.nowMs = parts.nowMs ?? Date.now;
    this.renewMs = parts.renewMs ?? AGENT_RENEW_MS;
  }

  /** A join token for the agent of a cluster. @throws StatusError 404 */
  async invite(cluster: string, actor: string, lifeMs: number | undefined, requestId: string): Promise<NewToken> {
    const { uid } = this.cluster(cluster);
    const expiresAt = timestamp(this.nowMs() + (lifeMs ?? JOIN_LIFE_MS));
    const spec: TokenSpec = { type: 'Join', user: actor, cluster, clusterUid: uid, expiresAt };
    return this.parts.sessions.issue(spec, 'join', actor, requestId);
  }

  /** Uses a join token up. Whatever the cluster's agent had before is good no more. @throws StatusError 400, 403, 409 */
  async enrol(joinToken: string, natsKey: string, requestId: string): Promise<AgentAnswer> {
    const { sessions } = this.parts;
    const found = sessions.redeemable(joinToken, 'join');
    const { cluster = '', clusterUid } = found?.spec ?? {};
    const record = found === undefined ? undefined : this.parts.access.cluster(cluster);
    if (found === undefined || record === undefined || record.uid !== clusterUid) throw badJoin();
    this.assertKey(natsKey, []);
    const name = newTokenName();
    const { text, hash } = newSecret('access', name);
    const made = newAgentToken(record, { natsKey, hash }, this.nowMs());
    const object: StoredObject = {
      apiVersion: API_VERSION,
      kind: 'Token',
      metadata: { name, uid: randomUUID(), creationTimestamp: timestamp(this.nowMs()) },
      ...made,
    };
    const used: ObjectCommand = { verb: 'delete', kind: 'Token', name: found.record.name, uid: found.record.uid };
    const before = this.tokensOf(cluster, 'Agent').map(deletion);
    try {
      await sessions.write([{ verb: 'create', object }, used, ...before], agentIdentity(cluster).name, requestId);
    } catch (error) {
      // Somebody else was quicker with it.
      if (isStatus(error, 'Conflict') && sessions.redeemable(joinToken, 'join') === undefined) throw badJoin();
      throw error;
    }
    return this.answer(made, text);
  }

  /** Another token and another key for the agent whose token is presented. @throws StatusError 400, 403, 409 */
  async renew(
    presented: { name: string; hash: string } | undefined,
    natsKey: string,
    requestId: string,
  ): Promise<AgentAnswer> {
    const record = presented === undefined ? undefined : this.parts.access.token(presented.name);
    const body = record === undefined ? undefined : tokenBody(record);
    if (presented === undefined || record === undefined || body?.secret === undefined || body.spec.type !== 'Agent') {
      throw new StatusError(403, 'Forbidden', 'only the agent of a cluster can renew what it is let in with');
    }
    this.assertKey(natsKey, [record.name]);
    const { text, hash } = newSecret('access', record.name);
    const made = renewedAgentToken(
      { spec: body.spec, secret: body.secret },
      { natsKey, hash, presented: presented.hash },
      this.nowMs(),
      this.renewMs,
    );
    const object = storedAgain(record, { ...body, ...made });
    await this.parts.sessions.write([{ verb: 'update', object }], body.spec.user, requestId);
    return this.answer(made, text);
  }

  /** Takes back whatever the cluster's agent is, or could be, let in with. @returns names of the Tokens */
  async revoke(cluster: string, actor: string, requestId: string): Promise<string[]> {
    const tokens = [...this.tokensOf(cluster, 'Join'), ...this.tokensOf(cluster, 'Agent')];
    if (tokens.length > 0) await this.parts.sessions.write(tokens.map(deletion), actor, requestId);
    return tokens.map(({ name }) => name);
  }

  private cluster(name: string): ObjectRecord {
    const record = this.parts.access.cluster(name);
    if (record !== undefined) return record;
    const text = `clusters.skyflow.io "${name}" not found; create it first: skyctl create cluster ${name}`;
    throw new StatusError(404, 'NotFound', text, { name, kind: 'clusters' });
  }

  private tokensOf(cluster: string, type: TokenSpec['type']): ObjectRecord[] {
    return [...this.parts.access.tokens()].filter((record) => {
      const { spec } = tokenBody(record);
      return spec.type === type && spec.cluster === cluster;
    });
  }

  /** nats-server refuses a configuration with a key that is none, or is there twice: nobody may get one in. */
  private assertKey(natsKey: string, except: readonly string[]): void {
    try {
      nkeys.fromPublic(natsKey);
      if (!natsKey.startsWith('U')) throw new Error('not a key of a user');
    } catch {
      throw badRequest('natsKey: must be the public part of an nkey of a user: "U" and 55 letters and digits');
    }
    const taken = [...this.parts.access.tokens()].some(
      (record) =>
        !except.includes(record.name) && (tokenBody(record).spec.natsKeys ?? []).some(({ key }) => key === natsKey),
    );
    if (taken) throw new StatusError(409, 'Conflict', 'natsKey: is in use already; make a new one');
  }

  private answer({ spec }: AgentToken, token: string): AgentAnswer {
    const { cluster = '', clusterUid = '', expiresAt = '' } = spec;
    const renewAt = timestamp(this.nowMs() + this.renewMs);
    return { cluster, uid: clusterUid, token, expiresAt, renewAt, nats: this.parts.nats };
  }
}

const deletion = ({ name, uid }: ObjectRecord): ObjectCommand => ({ verb: 'delete', kind: 'Token', name, uid });

/** The same whatever was wrong. */
const badJoin = (): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    'this join token is not good: it was used, revoked, has expired, or its cluster is gone; ask for another one: skyctl cluster join NAME',
  );
