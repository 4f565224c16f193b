/**
 * Makes a running nats-server read its configuration. It gives an account that is new its imports only when it reads the file once more
 * (seen with 2.12: until then its requests have no responders), so with new accounts it is told again.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than it takes to notice a signal: two that come together are one. */
const AGAIN_MS = 400;

/** Resolves when it was told for the last time. @param hangUp sends SIGHUP */
export async function readAnew(hangUp: () => void, hasNewAccounts: boolean): Promise<void> {
  hangUp();
  if (!hasNewAccounts) return;
  await pause(AGAIN_MS);
  hangUp();
}
