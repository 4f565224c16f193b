/**
 * The order of spec files: the longest first, so that no worker waits at the end. Jest knows how long a file took when it last ran here; on a clean
 * clone it goes by size alone, and starts a file of 70 lines that takes a minute and a half as the last one.
 */
import { relative } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** What took more than half a minute, in seconds. A wrong number costs time and nothing else. */
const SECONDS = {
  'apps/cluster-agent/src/agent.int.spec.ts': 68,
  'apps/cluster-agent/src/node-probes.int.spec.ts': 32,
  'apps/cluster-agent/src/offline-hour.int.spec.ts': 51,
  'apps/nats-keeper/src/nats-keeper.int.spec.ts': 38,
  'apps/provisioner/src/drivers/k3s/k3s-driver.int.spec.ts': 47,
  'apps/scheduler/src/scheduler.int.spec.ts': 37,
  'tests/agent/clocks.testbed.spec.ts': 62,
  'tests/agent/informers.testbed.spec.ts': 36,
  'tests/agent/real-cluster.testbed.spec.ts': 85,
  'tests/differential/differential.testbed.spec.ts': 90,
  'tests/differential/facade.testbed.spec.ts': 66,
  'tests/e2e/chaos/chaos.e2e.spec.ts': 139,
  'tests/e2e/cluster-faults.e2e.spec.ts': 59,
  'tests/e2e/cluster-loss.e2e.spec.ts': 123,
  'tests/e2e/dependencies.e2e.spec.ts': 66,
  'tests/e2e/docs.e2e.spec.ts': 65,
  'tests/e2e/faults.e2e.spec.ts': 91,
  'tests/e2e/ledger.e2e.spec.ts': 136,
  'tests/e2e/mesh-faults.e2e.spec.ts': 93,
  'tests/e2e/moves.e2e.spec.ts': 67,
  'tests/e2e/native-clients.e2e.spec.ts': 50,
  'tests/e2e/provisioning.e2e.spec.ts': 103,
  'tests/e2e/restore.e2e.spec.ts': 49,
  'tests/e2e/streams.e2e.spec.ts': 68,
  'tests/e2e/uninstall.e2e.spec.ts': 85,
};
/** Of the others: what a byte of a spec takes, more or less. */
const MS_PER_BYTE = 0.1;

export default class LongestFirst extends TestSequencer {
  time(test) {
    const { config, hasteFS } = test.context;
    const seconds = SECONDS[relative(config.rootDir, test.path)];
    return super.time(test) ?? (seconds === undefined ? hasteFS.getSize(test.path) * MS_PER_BYTE : seconds * 1_000);
  }
}
