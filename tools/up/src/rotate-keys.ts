/** `npm run up -- --rotate-keys`: tells the running instance to, and waits until it has. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { natsServices } from '@skyflow/domain';
import { ServiceKeys } from '@skyflow/nats-server';
import type { Home } from './home.js';
import { isRunning, readState } from './run-state.js';
import { done } from './screen.js';

/** The signal by which it is told. */
export const ROTATE_SIGNAL = 'SIGUSR2';
const DEADLINE_MS = 60_000;

/** Nothing to rotate, or it did not happen. The message is for people. */
export class RotationError extends Error {
  override readonly name = 'RotationError';
}

/** @throws RotationError */
export async function rotateKeys(home: Home): Promise<void> {
  const state = readState(home);
  if (state?.phase !== 'ready' || !isRunning(state.runnerPid, state.runnerMark)) {
    throw new RotationError(`Nothing of ${home.path} is running and ready; keys are made when it starts: npm run up`);
  }
  const startedAt = performance.now();
  const keys = new ServiceKeys(home.natsKeys, natsServices);
  const before = natsServices.map((service) => readFileSync(keys.file(service), 'utf8'));
  process.kill(state.runnerPid, ROTATE_SIGNAL);
  // The old keys are let in until all services have theirs.
  const isDone = (service: (typeof natsServices)[number], index: number): boolean =>
    readFileSync(keys.file(service), 'utf8') !== before[index] && keys.letIn()[service]?.length === 1;
  while (!natsServices.every(isDone)) {
    if (performance.now() - startedAt > DEADLINE_MS) {
      throw new RotationError(`Not all keys were replaced within ${DEADLINE_MS / 1_000} s; see ${home.logs}/up.log`);
    }
    await pause(50);
  }
  done(`${natsServices.join(', ')} have other keys`, performance.now() - startedAt);
}
