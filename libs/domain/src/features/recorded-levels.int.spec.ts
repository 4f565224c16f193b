/** What an earlier release wrote needs no feature that came after it: else the level in force would lie to whoever still runs that release. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Commit, type StoredObject, featureAskedBy, featureOfEntry } from '@skyflow/contracts';

const folder = fileURLToPath(new URL('../../../../tests/recorded-logs/v0.1/', import.meta.url));
const logs = readdirSync(folder).filter((name) => name.endsWith('.log.gz'));

describe('the logs that v0.1 wrote', () => {
  it.each(logs)('need no feature of a later level: %s', (name) => {
    const lines = gunzipSync(readFileSync(folder + name))
      .toString()
      .trimEnd()
      .split('\n');
    const entries = lines.flatMap((line) => (JSON.parse(line) as { commit: Commit }).commit.entries);
    expect(entries.length).toBeGreaterThan(0);
    for (const { type, data } of entries) {
      expect([type, featureOfEntry(type, data)]).toEqual([type, undefined]);
      const { object } = data as { object?: StoredObject };
      if (object !== undefined)
        expect([object.kind, featureAskedBy(object.kind, object['spec'])]).toEqual([object.kind, undefined]);
    }
  });
});
