/** Of SkyFlow's rules, as completion offers them. */
export const VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'logs',
  'exec',
  'impersonate',
  'bind',
  'escalate',
];
