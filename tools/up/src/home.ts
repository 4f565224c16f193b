/**
 * SKYFLOW_HOME: everything that one instance keeps on disk, and nothing of it elsewhere.
 *
 *   config.yaml   for skyctl: server and token (0600)      kubeconfig    contexts of the embedded clusters (0600)
 *   token         admin token of the API (0600)            tokens        of the supervisor and of up itself (0600)
 *   nats-keys/    of the services at nats-server, and of the operator (0600)   nats-agents.json  public keys of agents known last
 *   sealing.keys  seals Secrets in the log; keep a copy elsewhere, without it they cannot be read (0600)
 *   skyflow.kubeconfig   context `skyflow`: the gateway itself, for kubectl (0600)
 *   ca.crt, ca.key            the installation's own authority (0600)
 *   gateway.crt, gateway.key  the gateway's certificate, signed by it (0600)
 *   nats/         the log: the only thing that cannot be made again
 *   snapshots/    of folds; may be removed at any time     run/          state of the running instance and its logs
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { HOME_ENTRIES } from '@skyflow/contracts';
import { NATS_KEEPERS, SUPERVISORS } from '@skyflow/domain';

export class Home {
  readonly config: string;
  readonly kubeconfig: string;
  readonly gatewayKubeconfig: string;
  readonly authority: string;
  readonly authorityKey: string;
  readonly gatewayCertificate: string;
  readonly gatewayKey: string;
  readonly token: string;
  /** Tokens for parts of the system at the API, as the gateway reads them. */
  readonly tokens: string;
  readonly supervisorToken: string;
  readonly keeperToken: string;
  readonly natsKeys: string;
  readonly natsAgents: string;
  readonly natsConfig: string;
  readonly sealingKeys: string;
  readonly nats: string;
  readonly snapshots: string;
  readonly run: string;
  readonly logs: string;
  readonly state: string;
  readonly ports: string;

  constructor(readonly path: string) {
    this.config = join(path, 'config.yaml');
    this.kubeconfig = join(path, 'kubeconfig');
    this.gatewayKubeconfig = join(path, 'skyflow.kubeconfig');
    this.authority = join(path, 'ca.crt');
    this.authorityKey = join(path, 'ca.key');
    this.gatewayCertificate = join(path, 'gateway.crt');
    this.gatewayKey = join(path, 'gateway.key');
    this.token = join(path, 'token');
    this.sealingKeys = join(path, 'sealing.keys');
    this.nats = join(path, 'nats');
    this.tokens = join(path, 'tokens');
    this.supervisorToken = join(path, 'supervisor.token');
    this.keeperToken = join(path, 'keeper.token');
    this.natsKeys = join(path, 'nats-keys');
    this.natsAgents = join(path, 'nats-agents.json');
    this.natsConfig = join(this.nats, 'nats-server.conf');
    this.snapshots = join(path, 'snapshots');
    this.run = join(path, 'run');
    this.logs = join(this.run, 'logs');
    this.state = join(this.run, 'state.json');
    this.ports = join(path, 'ports.json');
  }

  static fromEnvironment(environment: NodeJS.ProcessEnv = process.env): Home {
    // npm changes the working directory; a relative home is relative to where the user typed.
    const typedIn = environment.INIT_CWD ?? process.cwd();
    return new Home(resolve(typedIn, environment.SKYFLOW_HOME ?? join(homedir(), '.skyflow')));
  }

  /** Makes the folders and, the first time, the secrets. */
  prepare(): void {
    for (const folder of [this.path, this.nats, this.snapshots, this.run, this.logs])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const secret of [this.token, this.supervisorToken, this.keeperToken, this.sealingKeys]) {
      if (!existsSync(secret)) writeFileAtomic(secret, randomBytes(32).toString('hex'));
    }
    const tokens = [
      [this.read(this.supervisorToken), 'system:agent-supervisor', SUPERVISORS],
      [this.read(this.keeperToken), 'system:nats-keeper', NATS_KEEPERS],
    ];
    writeFileAtomic(this.tokens, `${tokens.map((parts) => parts.join(' ')).join('\n')}\n`);
  }

  read(file: string): string {
    return readFileSync(file, 'utf8').trim();
  }

  /** Contexts of our kubeconfig for which the supervisor has made a Cluster: one that is not there any more was deleted, and stays so. */
  registeredContexts(): string[] {
    const memory = join(this.path, 'agents/supervisor.json');
    if (!existsSync(memory)) return [];
    const { registered } = JSON.parse(this.read(memory)) as { registered: string[] };
    return registered.filter((key) => key.startsWith(`${this.kubeconfig}\n`)).map((key) => key.split('\n')[1] ?? '');
  }

  /** Removes what is ours, and the folder itself if nothing else is in it: SKYFLOW_HOME may name a folder that holds more. */
  remove(): void {
    for (const entry of HOME_ENTRIES) rmSync(join(this.path, entry), { recursive: true, force: true });
    if (existsSync(this.path) && readdirSync(this.path).length === 0) rmdirSync(this.path);
  }
}

/** Writes all or nothing, readable by the owner only. */
export function writeFileAtomic(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}
