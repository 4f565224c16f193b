/** Real Kubernetes control planes on loopback, for tests. */
export { startTestbed, type Testbed, type TestbedCluster, type TestbedOptions } from './testbed.js';
export { testbedBinary, whyUnavailable, type BinaryOptions, type TestbedBinary } from './binary/testbed-binary.js';
export { ControlPlane } from './control-plane/control-plane.js';
export { COMPONENTS, type ComponentName } from './control-plane/component-arguments.js';
export { TestbedStartError, TestbedUnavailableError } from './errors.js';
