/** What starting skyctl costs is what is evaluated: no index of a library, which would bring all of it, zod too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Skyctl } from './testing/run-skyctl.js';

it('has modules of our libraries, and no index of one', async () => {
  const skyctl = await Skyctl.build({});
  try {
    const main = readFileSync(join(skyctl.home, 'dist/main.cjs'), 'utf8');
    expect(main).toContain('libs/domain/src/');
    for (const library of ['apimachinery', 'contracts', 'domain', 'event-log']) {
      expect(main).not.toContain(`libs/${library}/src/index.ts`);
    }
  } finally {
    await skyctl.remove();
  }
}, 120_000);
