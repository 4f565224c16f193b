/**
 * Who there is and what they may do, as API objects. All are cluster-scoped. `secret` is in the log only, never in an answer, and holds
 * nothing but hashes.
 */
import type { ApiObject } from './kinds.js';

export interface UserSpec {
  /** Person: logs in with a password, an invite or an OpenID provider. Service: has tokens only. */
  type?: 'Person' | 'Service';
  email?: string;
  groups?: string[];
  /** May not do anything any more; its tokens are refused. */
  disabled?: boolean;
}

/** Of a User: how it proves who it is. */
export interface UserSecret {
  /** `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`, base64url. */
  password?: string;
}

export type TokenType = 'Session' | 'Service' | 'Invite' | 'Join' | 'Agent' | 'Link';

/** Public half of an nkey that an agent signs with at NATS. */
export interface AgentNatsKey {
  key: string;
  /** RFC 3339: let in until then; absent: as long as the token is good. */
  until?: string;
}

export interface TokenSpec {
  type: TokenType;
  /** Whose it is; of an invite and a join token: who made it. */
  user: string;
  /**
   * Of a session and a sign-in link: who vouches for `user`. Absent: its User object. Settings: a token of the gateway's settings, such as
   * the admin's, who need not be a User.
   */
  source?: 'Settings';
  /** RFC 3339; absent: never. */
  expiresAt?: string;
  /** Of an invite: what whoever registers with it is given. */
  roles?: string[];
  /** Of a join token: the cluster whose agent may enrol with it. Of an agent's: its cluster. */
  cluster?: string;
  /** uid of that Cluster: another one of the same name has nothing of it. */
  clusterUid?: string;
  /** Of an agent's token: with what it is let in at NATS. */
  natsKeys?: AgentNatsKey[];
  /** What it is for, for people. */
  description?: string;
}

/** Of a Token: SHA-256 of the random secrets, base64url. */
export interface TokenSecret {
  /** What is presented with requests; a session has several, each short-lived. */
  access: { hash: string; expiresAt?: string }[];
  /** Of a session: with what new ones are asked for. */
  refresh?: string;
}

export interface RoleRule {
  verbs: string[];
  kinds: string[];
  namespaces?: string[];
  names?: string[];
  clusters?: string[];
}

export interface RoleSubject {
  kind: 'User' | 'Group';
  name: string;
}

export type User = ApiObject<UserSpec> & { spec: UserSpec; secret?: UserSecret };
export type Token = ApiObject<TokenSpec> & { spec: TokenSpec; secret?: TokenSecret };
export type Role = ApiObject & { rules: RoleRule[] };
export type RoleBinding = ApiObject & {
  roleRef: { kind: 'Role'; name: string };
  subjects: RoleSubject[];
  /** Absent: wherever the role's rules say. */
  namespaces?: string[];
};
