#!/usr/bin/env node
/** `npx kubectl …` inside the checkout: the same binary as the tests use, with this terminal and the contexts of the instance. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { kubeconfigList, kubectlPath } from '../dist/index.js';

try {
  const env = { ...process.env, KUBECONFIG: kubeconfigList(process.env, homedir()) };
  const child = spawn(await kubectlPath(), process.argv.slice(2), { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`kubectl could not be started: ${error.message}`);
    process.exitCode = 126;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 127;
}
