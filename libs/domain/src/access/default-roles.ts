/** The roles that every SkyFlow begins with: the seed system's three. They are made once and are the users' from then on. */
import type { AccessRule } from './access-rule.js';

export const ADMIN_ROLE = 'admin-role';
export const READER_ROLE = 'reader-role';
export const INVITER_ROLE = 'inviter-role';

/** Rules by name. Readers see everything but secrets, tokens and what is inside pods. */
export const DEFAULT_ROLES: ReadonlyMap<string, readonly AccessRule[]> = new Map([
  [ADMIN_ROLE, [{ verbs: ['*'], kinds: ['*'] }]],
  [
    READER_ROLE,
    [
      {
        verbs: ['get', 'list', 'watch'],
        kinds: [
          'Cluster',
          'ConfigMap',
          'Deployment',
          'Endpoints',
          'Event',
          'Job',
          'Lease',
          'Link',
          'Namespace',
          'Node',
          'PlacementPolicy',
          'Pod',
          'PriorityClass',
          'Queue',
          'ReplicaSet',
          'ResourceQuota',
          'Role',
          'RoleBinding',
          'Service',
          'ServiceExport',
          'ServiceImport',
          'System',
          'Usage',
          'User',
        ],
      },
      { verbs: ['logs'], kinds: ['Deployment', 'Job', 'Pod'] },
    ],
  ],
  [INVITER_ROLE, [{ verbs: ['create'], kinds: ['User'] }]],
]);
