/**
 * Gives agents the kubeconfigs that k3s servers write for their own loopback, with the name and the address that each has on the compose network,
 * and again when one is written anew: node k3s-kubeconfig.mjs FOLDER NAME=KUBECONFIG…
 * `node k3s-kubeconfig.mjs --joined FOLDER NAME…` exits with 0 when all are there.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stdout } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parse, stringify } from 'yaml';

const EVERY_MS = 500;

const [, , ...words] = argv;
if (words[0] === '--joined') {
  const [, folder, ...names] = words;
  exit(names.every((name) => existsSync(join(folder, name))) ? 0 : 1);
}
const [folder, ...pairs] = words;
const servers = pairs.map((pair) => ({ name: pair.split('=')[0], from: pair.slice(pair.indexOf('=') + 1), given: '' }));
for (;;) {
  for (const server of servers) {
    const text = read(server.from);
    if (text !== undefined && text !== server.given) give(server, text);
  }
  await pause(EVERY_MS);
}

/** Undefined while k3s has not written it whole: it is root's alone (EACCES) until all is in it, then it is given K3S_KUBECONFIG_MODE. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EACCES') return undefined;
    throw error;
  }
}

function give(server, text) {
  const { name } = server;
  const config = parse(text);
  config.clusters[0].name = name;
  config.clusters[0].cluster.server = `https://${name}:6443`;
  config.users[0].name = name;
  config.contexts[0] = { name, context: { cluster: name, user: name } };
  config['current-context'] = name;
  const path = join(folder, name);
  writeFileSync(`${path}.new`, stringify(config), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  server.given = text;
  stdout.write(`${name} is a member cluster now: ${path}\n`);
}
