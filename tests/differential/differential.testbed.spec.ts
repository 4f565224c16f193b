/**
 * The embedded clusters are held to Kubernetes: both get the same commands and requests, good and bad, and must say and do the
 * same. What differs and may is in tools/embedded-cluster/differences.yaml; what differs and is not there fails, and so does
 * what is there and no longer differs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { acceptedDifferences, Acceptance, type FoundDifference } from './fixture/accepted.js';
import { compare } from './fixture/compare.js';
import { startPair, type Pair } from './fixture/pair.js';
import { Session, type Cluster } from './fixture/session.js';
import { scripts, type Script } from './scripts/scripts.js';

const START_MS = 180_000;
const SCRIPT_MS = 300_000;
const README = fileURLToPath(new URL('../../tools/embedded-cluster/README.md', import.meta.url));
/** All differences of the run, accepted or not, for whoever mends. */
const REPORT = fileURLToPath(new URL('../../.cache/differential.json', import.meta.url));

describe('an embedded cluster beside a real one', () => {
  let pairs: { lives: Pair; runs: Pair };
  const acceptance = new Acceptance(acceptedDifferences());
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
      const pair = script.runsContainers === true ? pairs.runs : pairs.lives;
      const [embedded, real] = await Promise.all([play(script, pair.embedded), play(script, pair.real)]);
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
    const words = (text: string): string => text.replace(/[\s\\]+/g, ' ').trim();
    const readme = words(readFileSync(README, 'utf8'));
    for (const { what, why } of acceptedDifferences()) expect(readme).toContain(`- ${words(what)} ${words(why)}`);
  });

  it('has met nothing inside the embedded cluster that nobody expected', () => {
    expect([pairs.lives.unexpected, pairs.runs.unexpected]).toEqual([[], []]);
  });
});

async function play(script: Script, cluster: Cluster): Promise<Map<string, unknown>> {
  const namespace = `diff-${script.name}`;
  const session = new Session(cluster, namespace);
  const namespaces = '/api/v1/namespaces';
  await cluster.api.send({ method: 'POST', path: namespaces, body: { metadata: { name: namespace } } });
  // Pods are refused until it is there.
  for (const until = performance.now() + 20_000; performance.now() < until;) {
    const { code } = await cluster.api.send({ path: `${namespaces}/${namespace}/serviceaccounts/default` });
    if (code === 200) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await script.play(session);
  await cluster.api.send({ method: 'DELETE', path: `${namespaces}/${namespace}` });
  return session.seen;
}
