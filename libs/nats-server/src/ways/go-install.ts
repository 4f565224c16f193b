/** Builds the pinned version with the machine's Go toolchain; sources come from the Go module proxy and are checked by its checksums. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lastLine } from '../process-runner.js';
import { PINNED_VERSION } from '../versions.js';
import { cachedBinary } from './present.js';
import { probe } from './probe.js';
import { WayFailedError, type Surroundings, type Way } from './way.js';

const MODULE = `github.com/nats-io/nats-server/v2@v${PINNED_VERSION}`;
const BUILD_TIMEOUT_MS = 600_000;
const PROBE_TIMEOUT_MS = 10_000;

export function goInstall(surroundings: Surroundings): Way {
  return {
    source: 'go',
    describe: () => `building with Go: go install ${MODULE} (takes a minute)`,
    async find() {
      const go = await surroundings.run('go', ['version'], { timeoutMs: PROBE_TIMEOUT_MS });
      if (go.code !== 0) throw new WayFailedError('Go is not installed');
      const target = cachedBinary(surroundings.cacheDir);
      const work = `${dirname(target)}.${randomUUID()}`;
      await mkdir(work, { recursive: true });
      try {
        const built = await surroundings.run('go', ['install', MODULE], {
          timeoutMs: BUILD_TIMEOUT_MS,
          env: { GOBIN: work, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
        });
        if (built.code !== 0) throw new WayFailedError(`go install failed: ${lastLine(built)}`);
        await mkdir(dirname(target), { recursive: true });
        await rename(join(work, 'nats-server'), target);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
      return probe(surroundings, target, 'go');
    },
    advice: 'install Go 1.21 or newer (https://go.dev/dl) and run this again',
  };
}
