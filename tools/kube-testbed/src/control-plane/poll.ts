/** Waiting for something that says nothing by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestbedStartError } from '../errors.js';

const POLL_MS = 50;

/** Repeats until `check` does not throw. @throws TestbedStartError with its last error after the deadline, or its own at once */
export async function until(what: string, deadlineMs: number, check: () => unknown): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (error instanceof TestbedStartError) throw error;
      if (performance.now() > end) {
        throw new TestbedStartError(`${what}: not within ${deadlineMs} ms: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    await sleep(POLL_MS);
  }
}
