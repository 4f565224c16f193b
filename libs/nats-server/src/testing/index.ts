/** Fixtures for tests of other packages. */
export {
  withNatsServer,
  startNatsFixture,
  testNatsServer,
  type NatsFixture,
  type NatsFixtureOptions,
} from './with-nats-server.js';
export { withMachineLock } from './machine-lock.js';
export { shownCertificate, type ShownAt } from './shown-certificate.js';
export { TestKeys, nameOf } from './nats-keys.js';
export { startNatsNodes, type NatsNodes } from './nats-nodes.js';
