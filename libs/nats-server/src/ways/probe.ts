/** Asks a binary for its version and refuses what SkyFlow cannot run on. */
import { findVersion, isRecentEnough, MINIMUM_VERSION } from '../versions.js';
import { lastLine } from '../process-runner.js';
import { WayFailedError, type FoundNatsServer, type NatsServerSource, type Surroundings } from './way.js';

const PROBE_TIMEOUT_MS = 10_000;

/** @throws WayFailedError if it does not run, is no nats-server, or is older than MINIMUM_VERSION. */
export async function probe(
  { run }: Pick<Surroundings, 'run'>,
  path: string,
  source: NatsServerSource,
): Promise<FoundNatsServer> {
  const result = await run(path, ['--version'], { timeoutMs: PROBE_TIMEOUT_MS });
  if (result.code !== 0) throw new WayFailedError(`${path} does not run: ${lastLine(result)}`);
  const version = /nats-server/i.test(result.stdout) ? findVersion(result.stdout) : undefined;
  if (version === undefined) {
    throw new WayFailedError(`${path} is not a nats-server: --version says ${JSON.stringify(lastLine(result))}`);
  }
  if (!isRecentEnough(version)) {
    throw new WayFailedError(`${path} is version ${version}, SkyFlow needs ${MINIMUM_VERSION} or newer`);
  }
  return { path, version, source };
}
