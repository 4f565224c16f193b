/** Program: see USAGE in options.ts. Exits with 2 for a wrong command line, 69 where there can be no testbed. */
import { fstatSync } from 'node:fs';
import { testbedBinary } from './binary/testbed-binary.js';
import { TestbedStartError, TestbedUnavailableError } from './errors.js';
import { prepareK3s, startK3s } from './k3s/k3s-clusters.js';
import { parseOptions, USAGE, UsageError, type UpOptions } from './options.js';
import { startTestbed } from './testbed.js';

/** As the kubelet does with static pods. */
const RESTART_AFTER_MS = 1_000;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** EX_UNAVAILABLE of sysexits.h. */
const EXIT_UNAVAILABLE = 69;

const say = (line: string): void => {
  process.stderr.write(`kube-testbed: ${line}\n`);
};

try {
  const options = parseOptions(process.argv.slice(2), process.cwd());
  switch (options.command) {
    case 'up':
      await up(options);
      break;
    case 'build':
      process.stdout.write(
        `${options.provider === 'k3s' ? await prepareK3s() : (await testbedBinary({ onBuild: say })).path}\n`,
      );
      break;
    case 'help':
      process.stdout.write(`${USAGE}\n`);
  }
} catch (error) {
  const expected =
    error instanceof UsageError || error instanceof TestbedUnavailableError || error instanceof TestbedStartError;
  if (!expected) throw error;
  say(error.message);
  process.exitCode =
    error instanceof UsageError
      ? EXIT_USAGE
      : error instanceof TestbedUnavailableError
        ? EXIT_UNAVAILABLE
        : EXIT_FAILURE;
}

async function up(options: UpOptions): Promise<void> {
  const { promise: toldToStop, resolve } = Promise.withResolvers<undefined>();
  const starting = new AbortController();
  const stop = (): void => {
    starting.abort();
    resolve(undefined);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  stopWithParent(stop);
  const started = await (options.provider === 'k3s' ? fromImage(options) : fromSource(options, starting.signal));
  process.stdout.write(`${JSON.stringify({ ready: true, ...started.said })}\n`);
  await toldToStop;
  await started.stop();
  process.stdin.destroy();
}

/** Clusters that run, and what the line about them says. */
interface Started {
  said: object;
  stop(): Promise<void>;
}

async function fromImage(options: UpOptions): Promise<Started> {
  const clusters = await startK3s(options);
  const { kubeconfig, version } = clusters;
  return { said: { version, kubeconfig }, stop: () => clusters.stop() };
}

async function fromSource(options: UpOptions, signal: AbortSignal): Promise<Started> {
  const onError = (error: unknown): void => {
    say(`hollow kubelet: ${(error as Error).message}`);
  };
  const testbed = await startTestbed({ ...options, restartAfterMs: RESTART_AFTER_MS, onBuild: say, onError, signal });
  const { version, kubeconfig } = testbed;
  const clusters = testbed.clusters.map(({ name, plane }) => ({ name, url: plane.access.url, pids: plane.pids() }));
  return { said: { version, kubeconfig, clusters }, stop: () => testbed.stop() };
}

/** A pipe as standard input ends with whoever holds its other end; a terminal or /dev/null says nothing. */
function stopWithParent(stop: () => void): void {
  const stdin = fstatSync(process.stdin.fd);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once('end', stop).resume();
}
