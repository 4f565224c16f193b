/** What an instance of `npm run up` keeps in SKYFLOW_HOME, for `up`, `down` and `skyctl uninstall`. */

/**
 * Every entry of SKYFLOW_HOME that SkyFlow makes. The folder may hold more: it is the user's to name. `nats.token` and
 * `gateway-identity.json` are of earlier versions.
 */
export const HOME_ENTRIES: readonly string[] = [
  'agents',
  'ca.crt',
  'ca.key',
  'config.yaml',
  'embedded-identity.json',
  'embedded-pods',
  'gateway-identity.json',
  'gateway.crt',
  'gateway.key',
  'keeper.token',
  'kubeconfig',
  'nats',
  'nats-agents.json',
  'nats-keys',
  'nats.token',
  'ports.json',
  'provisioned',
  'provisioner',
  'run',
  'sealing.keys',
  'skyflow.kubeconfig',
  'snapshots',
  'supervisor.token',
  'token',
  'tokens',
];

/** run/state.json: what runs now, so that `down`, a second `up` and a person can know. */
export interface RunState {
  /** The process that looks after the others. */
  runnerPid: number;
  /** Text that the runner's command line holds; process ids are used again by other programs. */
  runnerMark: string;
  httpPort: number;
  phase: 'starting' | 'ready' | 'failed' | 'stopping';
  /** Why, when `failed`. */
  message?: string;
  /** Children by name; `mark` as above. */
  processes: Record<string, { pid: number; mark: string }>;
}
