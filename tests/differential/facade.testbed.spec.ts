/**
 * The façade is held to Kubernetes: the super-cluster and one of the real clusters under it get the same kubectl commands, good and bad,
 * and must say and do the same. What differs and may is in apps/api-gateway/differences.yaml; what differs and is not there fails, and
 * so does what is there and no longer differs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Skyflow } from '../e2e/fixture/skyflow.js';
import { facadeDiscovery } from './facade/facade-discovery.js';
import { facadeObjects } from './facade/facade-objects.js';
import { facadeWorkloads } from './facade/facade-workloads.js';
import { acceptedDifferences, Acceptance, missingInReadme, type FoundDifference } from './fixture/accepted.js';
import { compare } from './fixture/compare.js';
import { play } from './fixture/play.js';
import { refusalOf, saysTheSame } from './fixture/refusal.js';
import { RawApi } from './fixture/raw-api.js';
import type { Cluster } from './fixture/session.js';
import { kubectlRollouts } from './scripts/kubectl-rollouts.js';

const START_MS = 180_000;
const SCRIPT_MS = 300_000;
const PROJECT = 'apps/api-gateway';
/** All differences of the run, accepted or not, for whoever mends. */
const REPORT = fileURLToPath(new URL('../../.cache/facade-differential.json', import.meta.url));
const SCRIPTS = [facadeDiscovery, facadeObjects, facadeWorkloads, kubectlRollouts];

describe('the façade beside a real cluster', () => {
  const skyflow = new Skyflow({ nodes: 1 });
  const acceptance = new Acceptance(acceptedDifferences(PROJECT));
  const all: FoundDifference[] = [];
  let bed: { facade: Cluster; real: Cluster } | undefined;

  beforeAll(async () => {
    await skyflow.up();
    const { contexts } = skyflow.clusters;
    bed = {
      facade: { ...clusterAt(join(skyflow.home, 'skyflow.kubeconfig'), 'skyflow', contexts), hasAccounts: false },
      real: clusterAt(skyflow.clusters.kubeconfig(skyflow.home), contexts[0], contexts),
    };
  }, START_MS);

  afterAll(async () => {
    mkdirSync(join(REPORT, '..'), { recursive: true });
    writeFileSync(REPORT, JSON.stringify(all, undefined, 1));
    bed?.facade.api.close();
    bed?.real.api.close();
    await skyflow.remove();
  }, START_MS);

  it.each(SCRIPTS.map((script) => [script.name, script] as const))(
    'does the same: %s',
    async (name, script) => {
      if (bed === undefined) throw new Error('nothing was started');
      // What the façade makes is on that cluster too: not in the same namespace.
      const [ours, theirs] = await Promise.all([
        play(script, bed.facade, `over-${name}`),
        play(script, bed.real, `beside-${name}`),
      ]);
      expect([...ours.keys()]).toEqual([...theirs.keys()]);
      const found = [...ours].flatMap(([step, seen]) =>
        compare(seen, theirs.get(step)).map((difference) => ({ step: `${name}/${step}`, ...difference })),
      );
      all.push(...found);
      expect(acceptance.refused(found)).toEqual([]);
      // Whatever words are accepted: the same exit code, reason, kind, name and fields.
      if (name.startsWith('facade-')) expect(otherRefusals(ours, theirs)).toEqual([]);
    },
    SCRIPT_MS,
  );

  it('still differs where it is accepted', () => {
    expect(acceptance.vanished()).toEqual([]);
  });

  it('says in the README what differs, and why', () => {
    expect(missingInReadme(PROJECT)).toEqual([]);
  });
});

/** Steps that kubectl ended otherwise on one side, or that were refused for another reason. */
function otherRefusals(ours: ReadonlyMap<string, unknown>, theirs: ReadonlyMap<string, unknown>): object[] {
  return [...ours].flatMap(([step, what]) => {
    const [our, their] = [ending(what), ending(theirs.get(step))];
    if (our.refusal === undefined || their.refusal === undefined) {
      return (our.refusal === undefined) === (their.refusal === undefined) ? [] : [{ step, our, their }];
    }
    return our.code === their.code && saysTheSame(our.refusal, their.refusal) ? [] : [{ step, our, their }];
  });
}

function ending(seen: unknown): { code: number | undefined; refusal: ReturnType<typeof refusalOf> } {
  const { code, stderr } = (seen ?? {}) as { code?: number; stderr?: unknown };
  return { code, refusal: typeof stderr === 'string' ? refusalOf(stderr) : undefined };
}

function clusterAt(kubeconfig: string, context: string, names: readonly string[]): Cluster {
  const clusters = new RegExp(`\\b(${names.join('|')})\\b`, 'g');
  const mask = (text: string, namespace: string): string =>
    text.replaceAll(namespace, '<namespace>').replace(clusters, '<cluster>');
  return { kubeconfig, context, api: new RawApi(kubeconfig, context), mask };
}
