/**
 * Roles, bindings, users and tokens as the fold has them, and what each identity may do. Rights are worked out once per identity and
 * kept until a role or binding changes; a request then costs a look into a map.
 */
import type { Role, RoleBinding, TokenSecret, TokenSpec, UserSecret, UserSpec } from '@skyflow/contracts';
import {
  type AccessBinding,
  type AccessPolicy,
  type AccessRule,
  AUTHENTICATED,
  type Identity,
  type ObjectRecord,
  type ObjectsState,
  type Rights,
  SERVICE_ACCOUNTS,
  rightsOf,
} from '@skyflow/domain';
import type { ReadModel } from '../store/read-model.js';

/** Identities whose rights are kept; more than that begin anew. */
const MOST_IDENTITIES = 10_000;

export interface UserBody {
  spec?: UserSpec;
  secret?: UserSecret;
}
export interface TokenBody {
  spec: TokenSpec;
  secret?: TokenSecret;
}

export class AccessModel {
  private state: ObjectsState | undefined;
  private version = -1;
  private kept: AccessPolicy = { roles: new Map(), bindings: [] };
  private readonly rights = new Map<string, Rights>();

  constructor(readonly model: ReadModel) {}

  policy(): AccessPolicy {
    const version = this.model.history('Role').end + this.model.history('RoleBinding').end;
    if (this.state !== this.model.state || this.version !== version) {
      this.state = this.model.state;
      this.version = version;
      this.kept = policyOf(this.model.state);
      this.rights.clear();
    }
    return this.kept;
  }

  rightsOf(identity: Identity): Rights {
    const policy = this.policy();
    const key = `${identity.name}\n${identity.groups.join('\n')}`;
    let rights = this.rights.get(key);
    if (rights === undefined) {
      rights = rightsOf(identity, policy);
      if (this.rights.size >= MOST_IDENTITIES) this.rights.clear();
      this.rights.set(key, rights);
    }
    return rights;
  }

  user(name: string): ObjectRecord | undefined {
    return this.model.state.table.get('User', '', name);
  }

  token(name: string): ObjectRecord | undefined {
    return this.model.state.table.get('Token', '', name);
  }

  tokens(): Iterable<ObjectRecord> {
    return this.model.state.table.ordered('Token');
  }

  /** One that is being deleted is there until its agent has cleared up. */
  cluster(name: string): ObjectRecord | undefined {
    return this.model.state.table.get('Cluster', '', name);
  }

  /** Undefined: there is no such user, or it may do nothing. */
  identityOf(name: string): Identity | undefined {
    const record = this.user(name);
    if (record === undefined || record.deletedAt > 0) return undefined;
    const { spec = {} } = userBody(record);
    if (spec.disabled === true) return undefined;
    const system = spec.type === 'Service' ? [SERVICE_ACCOUNTS, AUTHENTICATED] : [AUTHENTICATED];
    return { name, groups: [...(spec.groups ?? []), ...system] };
  }
}

export const userBody = ({ body }: ObjectRecord): UserBody => JSON.parse(body) as UserBody;
export const tokenBody = ({ body }: ObjectRecord): TokenBody => JSON.parse(body) as TokenBody;

function policyOf({ table }: ObjectsState): AccessPolicy {
  const roles = new Map<string, readonly AccessRule[]>();
  for (const record of table.ordered('Role'))
    roles.set(record.name, (JSON.parse(record.body) as Partial<Role>).rules ?? []);
  const bindings: AccessBinding[] = [];
  for (const record of table.ordered('RoleBinding')) {
    const { roleRef, subjects = [], namespaces } = JSON.parse(record.body) as Partial<RoleBinding>;
    if (roleRef === undefined) continue;
    bindings.push({
      name: record.name,
      role: roleRef.name,
      subjects,
      ...(namespaces === undefined ? {} : { namespaces }),
    });
  }
  return { roles, bindings };
}
