/**
 * Everything that may fail between SkyFlow and its clusters fails, in an order that a seed gives again, while jobs come and go:
 * nothing is lost, nothing runs twice, statuses are right at the end, and each cluster has what the log says. A minute in CI;
 * SKYFLOW_LONG=1 takes ten with 500 jobs in flight. SKYFLOW_SEED repeats a run's faults and jobs (not their moments).
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { eventually, Skyflow } from '../fixture/skyflow.js';
import { breakThings, FAULTS, type Fault } from './faults.js';
import { Random } from '@skyflow/faults';
import { Submissions } from './submissions.js';
import { workInLog } from './work-in-log.js';

const isLong = process.env.SKYFLOW_LONG === '1';
const JOBS_IN_FLIGHT = isLong ? 500 : 60;
const CHAOS_MS = isLong ? 10 * 60_000 : 60_000;
/** Between a delete and the next, once all are in flight. */
const CHURN_PAUSE_MS = 500;
const SETTLE_MS = isLong ? 10 * 60_000 : 4 * 60_000;
const NODES = isLong ? 5 : 2;
const SEED = Number(process.env.SKYFLOW_SEED ?? Date.now() % 1_000_000);

interface JobObject {
  metadata: { name: string; uid: string };
  spec: { replicas: number };
  status?: { phase: string; clusters?: { cluster: string; replicas: number }[] };
}
interface Native {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec: { replicas?: number; completions?: number };
  status?: { succeeded?: number; readyReplicas?: number };
}

const skyflow = new Skyflow({ nodes: NODES, gates: true, virtualPods: true });
const { contexts } = skyflow.clusters;
const onTestbed = await needing('control planes to break');

onTestbed.describe(`chaos, SKYFLOW_SEED=${SEED}`, () => {
  const random = new Random(SEED);
  const submissions = new Submissions(skyflow, new Random(SEED + 1), 'chaos');
  let faults: Record<Fault, number>;

  beforeAll(async () => {
    await skyflow.up();
  }, 180_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 120_000);

  async function jobs(): Promise<JobObject[]> {
    const { code, body } = await skyflow.api('/apis/skyflow.io/v1/namespaces/default/jobs');
    expect(code).toBe(200);
    return (body as { items: JobObject[] }).items;
  }

  async function natives(context: string): Promise<Native[]> {
    const { code, stdout, stderr } = await skyflow.kubectl(context, ['get', 'deployments,jobs', '-A', '-o', 'json']);
    if (code !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { items: Native[] }).items.filter(({ metadata }) => uidOf(metadata) !== undefined);
  }

  it(
    'lets jobs come and go while everything fails',
    async () => {
      const over = new AbortController();
      const breaking = breakThings(skyflow, random, over.signal);
      const submitting = submissions.keep(JOBS_IN_FLIGHT, CHURN_PAUSE_MS, over.signal);
      // A submission that is refused ends the test at once.
      await Promise.race([pause(CHAOS_MS), submitting]);
      over.abort();
      faults = await breaking;
      await submitting;
      process.stderr.write(
        `chaos: seed ${SEED}, ${submissions.ledger.size} jobs in flight, ${submissions.deleted.size} deleted, ${JSON.stringify(faults)}\n`,
      );
      expect(submissions.ledger.size + submissions.deleted.size).toBeGreaterThanOrEqual(JOBS_IN_FLIGHT);
      expect(FAULTS.reduce((sum, fault) => sum + faults[fault], 0)).toBeGreaterThan(5);
    },
    CHAOS_MS + 180_000,
  );

  it(
    'loses nothing, runs nothing twice, and says how it is',
    async () => {
      await eventually(
        'every acknowledged job is there once, and has come to its end or runs with all replicas',
        async () => {
          const listed = await jobs();
          expect(listed.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort()).toEqual(
            [...submissions.ledger].map(([name, { uid }]) => `${name} ${uid}`).sort(),
          );
          const wrong = listed.flatMap(({ metadata: { name }, status }) => {
            const { ends, replicas } = submissions.ledger.get(name)!;
            const placed = (status?.clusters ?? []).reduce((sum, each) => sum + each.replicas, 0);
            const isRight = status?.phase === (ends ? 'COMPLETED' : 'RUNNING') && placed === replicas;
            return isRight
              ? []
              : [`${name}: ${status?.phase} with ${placed} of ${replicas}, ${ends ? 'ends' : 'endless'}`];
          });
          expect(wrong).toEqual([]);
        },
        SETTLE_MS,
      );
    },
    SETTLE_MS + 60_000,
  );

  it(
    'has on each cluster what the log says, and nothing else',
    async () => {
      await eventually(
        'clusters and log agree',
        async () => {
          const desired = await workInLog({ url: skyflow.natsUrl, seed: skyflow.natsSeed }, contexts);
          for (const context of contexts) {
            const state = desired.get(context)!;
            expect([...state.withdrawn.values()].map(({ ref }) => ref.name)).toEqual([]);
            const found = await natives(context);
            expect(found.map((native) => `${uidOf(native.metadata)} × ${sizeOf(native)}`).sort()).toEqual(
              [...state.work.values()]
                .map(({ ref, replicas, completions }) => `${ref.uid} × ${completions ?? replicas}`)
                .sort(),
            );
            // Each completion happened once.
            const done = found.filter(({ kind }) => kind === 'Job');
            expect(done.map(({ metadata, status }) => [metadata.name, status?.succeeded])).toEqual(
              done.map(({ metadata, spec }) => [metadata.name, spec.completions]),
            );
          }
        },
        SETTLE_MS,
      );
    },
    SETTLE_MS + 60_000,
  );
});

const uidOf = ({ labels }: Native['metadata']): string | undefined => labels?.['skyflow.io/workload-uid'];
const sizeOf = ({ spec }: Native): number | undefined => spec.completions ?? spec.replicas;
