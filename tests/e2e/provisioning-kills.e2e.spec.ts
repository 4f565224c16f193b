/**
 * The provisioner is killed (SIGKILL, from outside) at points of the whole life of a cluster: right before and right after its appends, what it
 * carries out, the lines that its driver prints and the calls that reach EC2.
 *
 * - SKYFLOW_SEEDS=N (`npm run test:provisioner -- --seeds N`): so many lives, on hosts and on rented machines in turn, killed at points by chance.
 * - SKYFLOW_KILLS=each (`-- --each`): each point of such lives once, SKYFLOW_KILLS_PER_LIFE (1) of them in a life, until no point is left.
 *   SKYFLOW_KILLS_DONE=FILE (`--done FILE`) goes on where a run was broken off: points of lives that went well are added to it, a line each.
 *
 * Both print at what it was killed, and live SKYFLOW_LANES (2) lives side by side.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { Random } from '@skyflow/faults';
import { SshHost } from '../../apps/provisioner/src/testing/ssh-host.js';
import { PROGRAM, bundleProvisioner } from './fixture/kills/bundle.js';
import { atEachOnce, atRandom, type KillPlan } from './fixture/kills/kill-plan.js';
import { Lane } from './fixture/kills/lane.js';
import { Life } from './fixture/kills/life.js';
import { OneCluster } from './fixture/one-cluster.js';

const withHost = await needing('embedded clusters', 'sshd');
const atEachPoint = await needing('kills at each point');
const IS_EACH = atEachPoint.isMet;
const LIVES = Number(process.env.SKYFLOW_SEEDS ?? (process.env.SKYFLOW_LONG === '1' ? 100 : 2));
const IS_LONG = IS_EACH || LIVES > 2;
const FIRST_SEED = Number(process.env.SKYFLOW_SEED ?? randomInt(2 ** 31));
const LANES = Number(process.env.SKYFLOW_LANES ?? 2);
const KILLS_PER_LIFE = Number(process.env.SKYFLOW_KILLS_PER_LIFE ?? 1);
const DONE = process.env.SKYFLOW_KILLS_DONE;
/** The farthest point of a process at which it is killed. */
const FARTHEST = [8, 30, 80];
const LONG_MS = 24 * 3_600_000;

withHost.describe('the provisioner, killed', () => {
  const key = randomBytes(32).toString('hex');
  const folder = mkdtempSync(join(tmpdir(), 'skyflow-lanes-'));
  const cluster = new OneCluster();
  const host = new SshHost();
  const lanes: Lane[] = [];
  /** How often it was killed, by where. */
  const killed = new Map<string, number>();

  beforeAll(async () => {
    // A bundle takes seconds to make.
    const made = IS_LONG ? bundleProvisioner(folder) : PROGRAM;
    const [program] = await Promise.all([made, cluster.start(1), host.start()]);
    for (let number = 0; number < LANES; number++) {
      const own = join(folder, String(number));
      mkdirSync(own);
      lanes.push(new Lane({ host, kubeconfig: cluster.kubeconfig, program, folder: own }));
    }
    await Promise.all(lanes.map((lane) => lane.start()));
  }, 300_000);
  afterAll(async () => {
    await Promise.all([...lanes.map((lane) => lane.stop()), cluster.stop(), host.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const counted = (plan: KillPlan): KillPlan => ({
    ...plan,
    isDue: (point) => {
      const isDue = plan.isDue(point);
      if (isDue) killed.set(point, (killed.get(point) ?? 0) + 1);
      if (isDue && process.env.SKYFLOW_TELL === '1') process.stderr.write(`${new Date().toISOString()} ${point}\n`);
      return isDue;
    },
  });

  /** Lives, until there is none to live; what went wrong in them. */
  async function inLanes(next: () => { name: string; live: (lane: Lane) => Promise<void> } | undefined) {
    const failures: string[] = [];
    const lived = { lives: 0 };
    await Promise.all(
      lanes.map(async (lane) => {
        for (let life = next(); life !== undefined; life = next()) {
          const began = performance.now();
          const { name } = life;
          const failure = await life.live(lane).then(
            () => undefined,
            (error: unknown) => `${name}: ${error instanceof Error ? error.message : String(error)}`,
          );
          if (failure !== undefined) failures.push(failure);
          lived.lives++;
          const seconds = ((performance.now() - began) / 1000).toFixed(1);
          if (IS_LONG) process.stderr.write(`life ${lived.lives}, ${name}: ${failure ?? 'well'}, ${seconds} s\n`);
        }
      }),
    );
    if (IS_LONG) process.stderr.write(coverage(lived.lives, killed));
    return failures;
  }

  const byChance = (title: string, body: () => Promise<void>, limitMs: number): void => {
    if (!IS_EACH) it(title, body, limitMs);
  };
  byChance(
    `by chance, leaks nothing and loses nothing (SKYFLOW_SEED=${FIRST_SEED})`,
    async () => {
      let seed = FIRST_SEED;
      const failures = await inLanes(() => {
        if (seed >= FIRST_SEED + LIVES) return undefined;
        const number = seed++;
        const farthest = FARTHEST[IS_LONG ? Math.floor(number / 2) % FARTHEST.length : 0] ?? 8;
        const plan = counted(atRandom(new Random(number), farthest, IS_LONG ? 8 : 4));
        const options = { plan, key, isRented: number % 2 === 0, isWhole: IS_LONG };
        return { name: `seed ${number}`, live: (lane) => new Life(number, { ...options, lane }).live() };
      });
      expect(failures).toEqual([]);
    },
    IS_LONG ? LONG_MS : 600_000,
  );

  atEachPoint.it(
    'at each point once, leaks nothing and loses nothing',
    async () => {
      const kinds = ['host', 'rented'].map((kind) => ({ kind, visited: doneBefore(kind), isDone: false }));
      let number = 0;
      const failures = await inLanes(() => {
        const open = kinds.filter(({ isDone }) => !isDone);
        const of = open[number++ % open.length];
        if (of === undefined) return undefined;
        const plan = atEachOnce(of.visited, KILLS_PER_LIFE);
        const own = number;
        const live = async (lane: Lane): Promise<void> => {
          const options = { lane, plan: counted(plan), key, isRented: of.kind === 'rented', isWhole: true };
          try {
            await new Life(own, options).live();
          } catch (error) {
            throw new Error(`killed ${plan.killedAt.join('; ')}: ${(error as Error).message}`, { cause: error });
          }
          if (plan.killedAt.length === 0) of.isDone = true;
          else if (DONE !== undefined) appendFileSync(DONE, plan.killedAt.map((at) => `${of.kind}\t${at}\n`).join(''));
        };
        return { name: `${of.kind} ${own}`, live };
      });
      expect(failures).toEqual([]);
    },
    LONG_MS,
  );
});

/** Points of lives of a kind that went well in runs before. */
function doneBefore(kind: string): Set<string> {
  const lines = DONE !== undefined && existsSync(DONE) ? readFileSync(DONE, 'utf8').split('\n') : [];
  return new Set(lines.filter((line) => line.startsWith(`${kind}\t`)).map((line) => line.slice(kind.length + 1)));
}

function coverage(lives: number, killed: ReadonlyMap<string, number>): string {
  const rows = [...killed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `${String(times)}\t${what}`);
  const all = [...killed.values()].reduce((sum, times) => sum + times, 0);
  return `${lives} lives from seed ${FIRST_SEED}, ${all} kills at ${killed.size} points:\n${rows.join('\n')}\n`;
}
