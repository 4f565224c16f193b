/** For tests: how often a property is tried. SKYFLOW_LONG=1 asks for at least 100,000 times. */
export const runs = (usual: number): { numRuns: number } => ({
  numRuns: process.env.SKYFLOW_LONG === '1' ? Math.max(100_000, usual) : usual,
});
