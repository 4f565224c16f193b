/** Who asks, and the names that mean something to the system itself. */

export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Whoever is in it may do everything, whatever the roles say: the way back in. */
export const MASTERS = 'system:masters';
/** Everyone whose name is known. */
export const AUTHENTICATED = 'system:authenticated';
/** Machines: users of type Service. */
export const SERVICE_ACCOUNTS = 'system:serviceaccounts';

/** Names that only the system gives: users and groups of people must not start so. */
export const SYSTEM_PREFIX = 'system:';

export const isMaster = ({ groups }: Identity): boolean => groups.includes(MASTERS);
