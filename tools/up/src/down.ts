/** `npm run down`: stops the instance of this home, whatever state it is in. Data stays unless it is purged. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { DownOptions } from './options.js';
import { refuseToAbandon } from './built-clusters.js';
import type { Home } from './home.js';
import { endLeftovers } from './leftovers.js';
import { isRunning, readState, removeState } from './run-state.js';
import { done, notice, step } from './screen.js';

const RUNNER_DEADLINE_MS = 20_000;

/** @throws BuiltClustersError when data would be removed without which machines could not be taken away any more. */
export async function down(home: Home, { purge, abandon }: Pick<DownOptions, 'purge' | 'abandon'>): Promise<void> {
  if (purge && !abandon) refuseToAbandon(home);
  const started = performance.now();
  const state = readState(home);
  if (state === undefined) {
    step(`Nothing of ${home.path} is running.`);
  } else {
    if (isRunning(state.runnerPid, state.runnerMark)) {
      process.kill(state.runnerPid, 'SIGTERM');
      const deadline = performance.now() + RUNNER_DEADLINE_MS;
      while (isRunning(state.runnerPid, state.runnerMark) && performance.now() < deadline) await pause(50);
      if (isRunning(state.runnerPid, state.runnerMark)) process.kill(state.runnerPid, 'SIGKILL');
    }
    const left = await endLeftovers(readState(home) ?? state);
    if (left.length > 0) notice(`ended what a killed instance had left: ${left.join(', ')}`);
    removeState(home);
    done('SkyFlow is down', performance.now() - started);
  }
  if (purge) {
    home.remove();
    step(`Removed the data of ${home.path}.`);
  } else if (existsSync(home.path)) {
    step(`Data stays in ${home.path}; remove it with: npm run down -- --purge`);
  }
}
