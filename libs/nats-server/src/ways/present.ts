/** Ways that use a binary which is already on the machine: a given path, PATH, our cache. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PINNED_VERSION } from '../versions.js';
import { probe } from './probe.js';
import { WayFailedError, type Surroundings, type Way } from './way.js';

/** The binary that the user named. */
export function givenPath(surroundings: Surroundings, path: string): Way {
  return {
    source: 'given',
    describe: () => `using the given ${path}`,
    find: () => probe(surroundings, path, 'given'),
    advice: 'set SKYFLOW_NATS_SERVER to the path of a nats-server 2.10 or newer',
  };
}

/** The first `nats-server` on PATH that is recent enough. */
export function onPath(surroundings: Surroundings): Way {
  return {
    source: 'path',
    describe: () => 'looking for nats-server on PATH',
    async find() {
      const candidates = (surroundings.env.PATH ?? '')
        .split(delimiter)
        .filter((directory) => directory !== '')
        .map((directory) => join(directory, 'nats-server'))
        .filter((path) => existsSync(path));
      const refusals: string[] = [];
      for (const path of candidates) {
        try {
          return await probe(surroundings, path, 'path');
        } catch (error) {
          if (!(error instanceof WayFailedError)) throw error;
          refusals.push(error.message);
        }
      }
      throw new WayFailedError(refusals.length === 0 ? 'there is none on PATH' : refusals.join('; '));
    },
    advice:
      'put a nats-server 2.10 or newer on PATH (https://docs.nats.io/running-a-nats-service/introduction/installation)',
  };
}

/** Where this version is kept once it was downloaded or built. */
export const cachedBinary = (cacheDir: string): string =>
  join(cacheDir, `nats-server-${PINNED_VERSION}`, 'nats-server');

/** What an earlier download or build left. */
export function cached(surroundings: Surroundings): Way {
  const path = cachedBinary(surroundings.cacheDir);
  return {
    source: 'cache',
    describe: () => `looking in the cache ${surroundings.cacheDir}`,
    find() {
      if (!existsSync(path)) return Promise.reject(new WayFailedError(`${path} does not exist yet`));
      return probe(surroundings, path, 'cache');
    },
    advice: `put the binary at ${path}`,
  };
}
