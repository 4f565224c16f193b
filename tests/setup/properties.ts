/**
 * Properties take the seed of SKYFLOW_PROPERTY_SEED where it is set, so that CI gives the same verdict on the same commit; else, and in
 * the long mode, a new one each time. In the long mode (SKYFLOW_LONG=1, or SKYFLOW_PROPERTY_RUNS=N) each says on stderr how many runs it
 * passed, and what they took.
 */
import type { GlobalParameters, Plugin } from 'fast-check';

const { SKYFLOW_PROPERTY_SEED: seed, SKYFLOW_PROPERTY_RUNS: given, SKYFLOW_LONG: isLong } = process.env;
if (isLong === '1' || given !== undefined) {
  const { default: fc } = await import('fast-check');
  let before = process.cpuUsage();
  const told: Plugin<unknown> = () => ({
    onAllRunsComplete: ({ failed, numRuns, seed: found }) => {
      // A failure is reported by fast-check itself.
      if (failed) return;
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      const { expect } = globalThis as unknown as { expect: { getState(): { currentTestName?: string } } };
      const name = expect.getState().currentTestName ?? '';
      process.stderr.write(
        `passed ${numRuns} runs in ${((user + system) / 1e6).toFixed(1)} CPU-s, seed ${found}: ${name}\n`,
      );
    },
  });
  // fast-check 4.10 takes plugins here, too; its types do not say so.
  const long: GlobalParameters & { plugins: Plugin<unknown>[] } = {
    ...fc.readConfigureGlobal(),
    numRuns: Number(given ?? 100_000),
    plugins: [told],
  };
  fc.configureGlobal(long);
} else if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}
