/**
 * For tests that need more than Node and the npm packages. Where something is missing they are skipped, and their titles say what it was:
 * tests/setup/say-not-tested.mjs counts them by that, ends each run with a list, and fails it in CI.
 */
import { describe, it } from '@jest/globals';
import type { Need } from './need.js';
import { NEEDS, type NeedName } from './needs.js';
import { markOf } from './not-tested.mjs';

export interface Needing {
  describe: typeof describe.skip;
  it: typeof it.skip;
  /** All of it is here. */
  isMet: boolean;
}

/**
 * `describe` and `it` for tests that need all of `names`.
 *
 * @example
 * const withShell = await needing('fish');
 * withShell.it('completes names in fish', async () => { … });
 */
export async function needing(...names: [NeedName, ...NeedName[]]): Promise<Needing> {
  for (const name of names) {
    const need: Need = NEEDS[name];
    const why = await need.missing();
    if (why !== undefined) return skipping(markOf(name, why));
  }
  return { describe, it, isMet: true };
}

/** Skips, with the mark behind each title; of `each` it is a format, too. */
function skipping(mark: string): Needing {
  const marked = <Skip extends typeof describe.skip | typeof it.skip>(skip: Skip): Skip => {
    const call = skip as (title: string, ...rest: unknown[]) => void;
    const each = skip.each as unknown as (...table: unknown[]) => (title: string, ...rest: unknown[]) => void;
    return Object.assign((title: unknown, ...rest: unknown[]) => call(`${nameOf(title)} ${mark}`, ...rest), skip, {
      each:
        (...table: unknown[]) =>
        (title: string, ...rest: unknown[]) =>
          each(...table)(`${title} ${mark.replaceAll('%', '%%')}`, ...rest),
    });
  };
  return { describe: marked(describe.skip), it: marked(it.skip), isMet: false };
}

const nameOf = (title: unknown): string => (typeof title === 'function' ? title.name : String(title));
