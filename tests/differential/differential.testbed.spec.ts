/**
 * The embedded clusters are held to Kubernetes: both get the same commands and requests, good and bad, and must say and do the
 * same. What differs and may is in tools/embedded-cluster/differences.yaml; what differs and is not there fails, and so does
 * what is there and no longer differs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acceptedDifferences, Acceptance, missingInReadme, type FoundDifference } from './fixture/accepted.js';
import { compare } from './fixture/compare.js';
import { startPair, type Pair } from './fixture/pair.js';
import { play } from './fixture/play.js';
import { scripts } from './scripts/scripts.js';

const START_MS = 180_000;
const SCRIPT_MS = 300_000;
const PROJECT = 'tools/embedded-cluster';
/** All differences of the run, accepted or not, for whoever mends. */
const REPORT = fileURLToPath(new URL('../../.cache/differential.json', import.meta.url));

describe('an embedded cluster beside a real one', () => {
  let pairs: { lives: Pair; runs: Pair };
  const acceptance = new Acceptance(acceptedDifferences(PROJECT));
  const all: FoundDifference[] = [];

  beforeAll(async () => {
    const [lives, runs] = await Promise.all([startPair('virtual'), startPair('process')]);
    pairs = { lives, runs };
  }, START_MS);

  afterAll(async () => {
    mkdirSync(join(REPORT, '..'), { recursive: true });
    writeFileSync(REPORT, JSON.stringify(all, undefined, 1));
    await Promise.all([pairs.lives.stop(), pairs.runs.stop()]);
  }, START_MS);

  it.each(scripts.map((script) => [script.name, script] as const))(
    'does the same: %s',
    async (name, script) => {
      const namespace = `diff-${name}`;
      const pair = script.runsContainers === true ? pairs.runs : pairs.lives;
      const [embedded, real] = await Promise.all([
        play(script, pair.embedded, namespace),
        play(script, pair.real, namespace),
      ]);
      expect([...embedded.keys()]).toEqual([...real.keys()]);
      const found = [...embedded].flatMap(([step, seen]) =>
        compare(seen, real.get(step)).map((difference) => ({ step: `${name}/${step}`, ...difference })),
      );
      all.push(...found);
      expect(acceptance.refused(found)).toEqual([]);
    },
    SCRIPT_MS,
  );

  it('still differs where it is accepted', () => {
    expect(acceptance.vanished()).toEqual([]);
  });

  it('says in the README what differs, and why', () => {
    expect(missingInReadme(PROJECT)).toEqual([]);
  });

  it('has met nothing inside the embedded cluster that nobody expected', () => {
    expect([pairs.lives.unexpected, pairs.runs.unexpected]).toEqual([[], []]);
  });
});
