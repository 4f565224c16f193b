#!/bin/sh
':' //; f=$(readlink -f -- "$0"); n=${f%/*}/../../../node_modules/.bin/node; [ -x "$n" ] || n=node; exec "$n" "$f" "$@"
/* global URL */
/*
 * Both a shell script and a module. As a script it starts the Node that this checkout pins (node_modules/.bin/node), else the
 * one in PATH, without paying for a first Node only to find the second. Run by a Node directly, it is this module.
 * Built-in modules are taken by getBuiltinModule: importing them costs milliseconds (see build.mjs).
 */
const OLDEST_NODE = 22;
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) await runNewerNode();
else start();

function start() {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { homedir } = process.getBuiltinModule('node:os');
  const { join } = process.getBuiltinModule('node:path');
  const { createRequire, enableCompileCache } = process.getBuiltinModule('node:module');
  const entry = process.env.SKYCTL_ENTRY ?? join(here, '../dist/main.cjs');
  if (!existsSync(entry)) refuse('skyctl is not built yet', 'run "npm run build" or "npm run up" in the checkout');
  // Not in the default place, the temporary directory: whoever may write there could have code run here.
  enableCompileCache?.(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'skyctl'));
  createRequire(import.meta.url)(entry);
}

async function runNewerNode() {
  const { existsSync } = await import('node:fs');
  const { spawnSync } = await import('node:child_process');
  const { fileURLToPath } = await import('node:url');
  const pinned = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(pinned)) {
    refuse(
      `skyctl needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}`,
      'install a newer one; in a checkout "npm install" brings the right one',
    );
  }
  const self = fileURLToPath(import.meta.url);
  const { status, signal } = spawnSync(pinned, [self, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}

function refuse(what, hint) {
  process.stderr.write(`error: ${what}\nhint: ${hint}\n`);
  process.exit(2);
}
