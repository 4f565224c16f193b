/** What the testbed may fail with. Each message is one line that says what to do. */

/** This machine cannot have a testbed: no Go, or the modules are not served. Tests skip with the message. */
export class TestbedUnavailableError extends Error {
  override readonly name = 'TestbedUnavailableError';
}

/** A component ended, or did not become ready in time; the message names its log. */
export class TestbedStartError extends Error {
  override readonly name = 'TestbedStartError';
}
