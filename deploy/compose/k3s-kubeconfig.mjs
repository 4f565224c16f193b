/**
 * Waits for the kubeconfig that a k3s server writes for its own loopback, and gives it to the agents with the address and the name that it
 * has on the compose network: node k3s-kubeconfig.mjs FROM TO NAME.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';

const [, , from, to, name] = argv;
let config;
while (config === undefined) {
  config = read();
  if (config === undefined) await pause(500);
}
config.clusters[0].name = name;
config.clusters[0].cluster.server = `https://${name}:6443`;
config.users[0].name = name;
config.contexts[0] = { name, context: { cluster: name, user: name } };
config['current-context'] = name;
writeFileSync(`${to}.new`, stringify(config), { mode: 0o600 });
renameSync(`${to}.new`, to);
stdout.write(`${name} is a member cluster now: ${to}\n`);

/** Undefined while k3s has not written it whole. */
function read() {
  try {
    const found = parse(readFileSync(from, 'utf8'));
    return found?.clusters?.length > 0 ? found : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
