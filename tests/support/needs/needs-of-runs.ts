/** Needs that are of how the tests are run, not of the machine: the kind of member clusters (SKYFLOW_E2E_ON), and what is asked for by name. */
import type { Need } from './need.js';

const kind = (): string => process.env.SKYFLOW_E2E_ON ?? 'embedded';

/** Member clusters of some kinds (tests/e2e/fixture/member-clusters.ts has them with their properties). */
const clusters = (...kinds: [string, ...string[]]): Need => ({
  missing: () =>
    kinds.includes(kind())
      ? undefined
      : `${kind()} clusters have none: npm run test:e2e -- --on ${kinds.find((each) => each !== 'given') ?? kinds[0]}`,
});

export const NEEDS_OF_RUNS = {
  'embedded clusters': clusters('embedded'),
  /** Services answer at their addresses. */
  'service addresses': clusters('embedded', 'k3s'),
  /** Not made by `up`, so that they are there after `down`. */
  'clusters apart from SkyFlow': clusters('testbed', 'k3s', 'given'),
  /** A testbed lets suites kill API servers and etcds. */
  'control planes to break': clusters('testbed'),
  /** It has member clusters of its own: once is enough. */
  'a round of faults': {
    missing: () =>
      process.env.CI === 'true' || kind() === 'testbed' ? 'run apart from the others: npm run test:faults' : undefined,
  },
  'kills at each point': {
    missing: () =>
      process.env.SKYFLOW_KILLS === 'each' ? undefined : 'asked for by name: npm run test:provisioner -- --each',
  },
  /** A fresh root by debootstrap: root, a mirror, and minutes. */
  'a new Debian': {
    missing: () =>
      process.env.SKYFLOW_TEST_DEBOOTSTRAP === '1'
        ? undefined
        : 'asked for by name: SKYFLOW_TEST_DEBOOTSTRAP=1 npm test -- libs/nats-server',
  },
} satisfies Record<string, Need>;
