/**
 * Properties take the seed of SKYFLOW_PROPERTY_SEED where it is set, so that CI gives the same verdict on the same commit; else, and in
 * the long mode, a new one each time.
 */
const seed = process.env.SKYFLOW_PROPERTY_SEED;
if (seed !== undefined && process.env.SKYFLOW_LONG === undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}

export {};
