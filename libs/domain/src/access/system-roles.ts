/**
 * What parts of the system itself may do at the API. Their groups begin with `system:`, so no person can be given them, and unlike roles
 * nobody can change what they hold.
 */
import type { AccessRule } from './access-rule.js';

/** Whoever makes Clusters of contexts and runs their agents: the agent supervisor. */
export const SUPERVISORS = 'system:agent-supervisors';
/** Whoever tells nats-server which keys to let in. */
export const NATS_KEEPERS = 'system:nats-keepers';

/** Rules by group. */
export const SYSTEM_ROLES: ReadonlyMap<string, readonly AccessRule[]> = new Map([
  [SUPERVISORS, [{ verbs: ['get', 'list', 'watch', 'create', 'update'], kinds: ['Cluster'] }]],
  [NATS_KEEPERS, [{ verbs: ['get', 'list', 'watch'], kinds: ['Cluster', 'Token'] }]],
]);
