/**
 * One Jest configuration for the whole workspace: native ES modules, SWC as transform.
 * `*.unit.spec.ts` do no I/O, `*.int.spec.ts` start real servers, `*.e2e.spec.ts` start the whole system, `*.testbed.spec.ts`
 * start real Kubernetes control planes. SKYFLOW_TEST_LEVEL chooses what runs: `unit`, `int` (unit + int, the default) or `e2e`,
 * which on SKYFLOW_E2E_ON=testbed is the testbed specs too; `images` is what runs in Docker, `console` in a real browser,
 * `mesh` in network namespaces.
 */
import { availableParallelism, totalmem } from 'node:os';

const level = process.env.SKYFLOW_TEST_LEVEL ?? 'int';
const testMatch = {
  unit: ['<rootDir>/{libs,apps,tools}/*/src/**/*.unit.spec.ts'],
  int: [
    '<rootDir>/{libs,apps,tools}/*/src/**/*.{unit,int}.spec.ts',
    '<rootDir>/tests/{support,upgrade}/**/*.int.spec.ts',
  ],
  e2e: [
    '<rootDir>/tests/e2e/**/*.e2e.spec.ts',
    ...(process.env.SKYFLOW_E2E_ON === 'testbed' ? ['<rootDir>/{libs,apps,tools,tests}/**/*.testbed.spec.ts'] : []),
  ],
  images: ['<rootDir>/tests/images/**/*.images.spec.ts'],
  console: ['<rootDir>/tests/console/**/*.browser.spec.ts'],
  mesh: ['<rootDir>/tests/mesh/**/*.netns.spec.ts'],
}[level];

/**
 * What is measured in a browser has the machine for itself; whoever starts servers waits for half of the time. An end-to-end spec is two
 * control planes of Kubernetes and SkyFlow's processes, which take up to 3 GiB.
 */
const cores = availableParallelism();
const workers = {
  console: 1,
  unit: Math.max(2, cores),
  int: Math.max(4, cores),
  e2e: Math.max(2, Math.min(Math.max(3, cores), Math.floor(totalmem() / (3 * 2 ** 30)))),
};

export default {
  testMatch,
  testEnvironment: '<rootDir>/tests/setup/ordinary-globals.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2024',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    // Of tests alone, and of all of them: no project has it.
    '^@skyflow/needs$': '<rootDir>/tests/support/needs/needing.ts',
    '^@skyflow/([a-z-]+)$': ['<rootDir>/libs/$1/src/index.ts', '<rootDir>/tools/$1/src/index.ts'],
    '^@skyflow/([a-z-]+)/testing$': '<rootDir>/libs/$1/src/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.nx/'],
  globalSetup: '<rootDir>/tests/setup/run-folder.mjs',
  globalTeardown: '<rootDir>/tests/setup/run-folder-gone.mjs',
  setupFiles: ['<rootDir>/tests/setup/properties.ts'],
  reporters: ['default', '<rootDir>/tests/setup/say-not-tested.mjs'],
  testTimeout: 30_000,
  testSequencer: '<rootDir>/tests/setup/longest-first.mjs',
  maxWorkers: workers[level] ?? 2,
};
