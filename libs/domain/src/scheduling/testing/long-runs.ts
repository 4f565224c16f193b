/**
 * For tests: how often a property is tried. SKYFLOW_LONG=1 asks for at least 100,000 times, SKYFLOW_PROPERTY_RUNS=N for N times;
 * tests/setup/properties.ts says the same of properties that name no number, and prints what was passed.
 */
export const runs = (usual: number): { numRuns: number } => ({ numRuns: asked() ?? usual });

function asked(): number | undefined {
  const { SKYFLOW_PROPERTY_RUNS: given, SKYFLOW_LONG: long } = process.env;
  if (given !== undefined) return Number(given);
  return long === '1' ? 100_000 : undefined;
}
