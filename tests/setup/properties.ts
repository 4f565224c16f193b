/**
 * Properties take the seed of SKYFLOW_PROPERTY_SEED where it is set, so that CI gives the same verdict on the same commit; else, and in
 * the long mode, a new one each time. In the long mode (SKYFLOW_LONG=1, or SKYFLOW_PROPERTY_RUNS=N) each says on stderr how many runs it
 * passed, and what they took.
 */
const { SKYFLOW_PROPERTY_SEED: seed, SKYFLOW_PROPERTY_RUNS: given, SKYFLOW_LONG: long } = process.env;
if (long === '1' || given !== undefined) {
  const { default: fc } = await import('fast-check');
  let before = process.cpuUsage();
  fc.configureGlobal({
    ...fc.readConfigureGlobal(),
    numRuns: Number(given ?? 100_000),
    reporter: (details) => {
      if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
      const { user, system } = process.cpuUsage(before);
      before = process.cpuUsage();
      const seconds = ((user + system) / 1e6).toFixed(1);
      const name = globalThis.expect.getState().currentTestName ?? '';
      process.stderr.write(`passed ${details.numRuns} runs in ${seconds} CPU-s, seed ${details.seed}: ${name}\n`);
    },
  });
} else if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}

export {};
