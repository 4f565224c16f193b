/** What is run once: by an init container, a job, the set-up of the compose file. Each returns its last line for people. */
import { setTimeout as pause } from 'node:timers/promises';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOG_ACCOUNT, natsKeyHolders } from '@skyflow/domain';
import { NatsKeeper, PublicKeys, ServiceKeys, replaceKeys } from '@skyflow/nats-server';
import { writeConfig } from './config-file.js';
import { SecretKeys } from './secret-keys.js';
import type { CommandSettings } from './settings.js';

/** For lines that say how far it is. */
type Tell = (line: string) => void;

const LET_IN_DEADLINE_MS = 10 * 60_000;
const LET_IN_PAUSE_MS = 1_000;
const CONNECT_MS = 5_000;

/** Makes keys that are missing. */
export async function makeKeys(settings: CommandSettings): Promise<string> {
  const { SKYFLOW_NATS_KEYS_SECRET: secret, SKYFLOW_NATS_KEYS_DIR: folder } = settings;
  if (secret === undefined) {
    new ServiceKeys(folder, natsKeyHolders, true).ensure();
    return `keys for NATS are in ${folder}`;
  }
  const keys = await SecretKeys.open(secret, natsKeyHolders, settings.SKYFLOW_KUBECONFIG);
  try {
    const made = await keys.ensure();
    return `keys for NATS are in Secret ${secret}; made now: ${made.join(', ') || 'none'}`;
  } finally {
    keys.close();
  }
}

/** Writes the configuration from the public keys and the agents known last: before nats-server starts. */
export function configure(settings: CommandSettings): Promise<string> {
  mkdirSync(dirname(settings.SKYFLOW_NATS_AGENTS_FILE), { recursive: true });
  keepLogOfFormerAccount(settings.SKYFLOW_NATS_STORE_DIR);
  const keys = new PublicKeys(settings.SKYFLOW_NATS_KEYS_DIR, natsKeyHolders, true);
  const keeper = new NatsKeeper({
    services: () => keys.letIn(),
    agentsFile: settings.SKYFLOW_NATS_AGENTS_FILE,
    write: (accounts) => writeConfig(settings, accounts),
    reload: () => Promise.resolve(),
    onError: (error) => {
      throw error;
    },
  });
  keeper.write();
  return Promise.resolve(`${settings.SKYFLOW_NATS_CONFIG} lets in ${keeper.agentCount} agents`);
}

/** Gives every service another key, in a cluster: that takes minutes, as kubelets do, so it tells how far it is. */
export async function rotate(settings: CommandSettings, tell: Tell): Promise<string> {
  const { SKYFLOW_NATS_KEYS_SECRET: secret, SKYFLOW_NATS_KEYS_SPREAD_SECONDS: spreadSeconds } = settings;
  if (secret === undefined) {
    throw new Error(
      'SKYFLOW_NATS_KEYS_SECRET is not set. Where keys are in a folder the running keeper rotates them: send it SIGUSR2.',
    );
  }
  const keys = await SecretKeys.open(secret, natsKeyHolders, settings.SKYFLOW_KUBECONFIG);
  try {
    tell(
      `adding new keys to Secret ${secret}, beside the old ones, and waiting until every node of NATS has read of them`,
    );
    await replaceKeys(keys, natsKeyHolders, {
      letIn: (seeds) => untilLetIn(settings, seeds),
      given: () => {
        tell(`every node lets the new keys in; waiting ${spreadSeconds} s until the pods of all services have theirs`);
        return pause(spreadSeconds * 1_000);
      },
    });
    return `services have other keys for NATS: ${natsKeyHolders.join(', ')}`;
  } finally {
    keys.close();
  }
}

/** Every node is tried with every key. @throws Error when one is not let in in time */
async function untilLetIn(settings: CommandSettings, seeds: readonly string[]): Promise<void> {
  const { SKYFLOW_NATS_URL: urls, SKYFLOW_NATS_CA_FILE: caFile } = settings;
  const deadline = performance.now() + LET_IN_DEADLINE_MS;
  for (const servers of urls.split(',')) {
    for (const seed of seeds) {
      for (;;) {
        try {
          const connection = await connect({
            servers: servers.trim(),
            timeout: CONNECT_MS,
            authenticator: nkeyAuthenticator(Buffer.from(seed.trim())),
            ...(caFile === undefined ? {} : { tls: { caFile } }),
          });
          await connection.close();
          break;
        } catch (error) {
          if (performance.now() > deadline) {
            const why = error instanceof Error ? error.message : String(error);
            throw new Error(
              `${servers} did not let a new key in within ${LET_IN_DEADLINE_MS / 60_000} minutes (${why}); the old ones are good still. ` +
                "See the keeper's log beside it, then rotate again.",
              { cause: error },
            );
          }
          await pause(LET_IN_PAUSE_MS);
        }
      }
    }
  }
}

/** Before there were accounts, the log was in nats-server's default one, `$G`. nats-server does not run yet. */
function keepLogOfFormerAccount(storeDir: string): void {
  const [before, now] = ['$G', LOG_ACCOUNT].map((account) => join(storeDir, 'jetstream', account)) as [string, string];
  if (existsSync(before) && !existsSync(now)) renameSync(before, now);
}
