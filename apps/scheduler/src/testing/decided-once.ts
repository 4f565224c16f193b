/** For tests of several schedulers at once: what their log must look like, and dice that can be thrown again. */
import { expect } from '@jest/globals';
import { positionOf, workSubject } from '@skyflow/contracts';
import { type SchedulingState, Verification, evolveScheduling, initialScheduling } from '@skyflow/domain';
import type { ControlPlane } from './control-plane.js';

/** Seeds of a test that throws dice: SKYFLOW_TEST_SEED, else these and a new one. */
export const seedsOf = (...usual: number[]): number[] =>
  process.env.SKYFLOW_TEST_SEED === undefined ? [...usual, Date.now()] : [Number(process.env.SKYFLOW_TEST_SEED)];

/** mulberry32 (public domain). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Folds the log and checks at every entry that clusters were never told to run more than was asked for, that each job was decided by
 * one decision that counts, and that what was decided is decided again.
 */
export async function checkedLog(plane: ControlPlane): Promise<SchedulingState> {
  const state = initialScheduling();
  const verification = new Verification();
  const decided = new Set<string>();
  for (const { seq, subject, commit } of await plane.commits()) {
    for (const [index, entry] of commit.entries.entries()) {
      const place = { position: positionOf(seq, index), subject, commitId: commit.id, index };
      if (entry.type === 'PlacementDecided' && entry.data.epoch >= state.epoch) {
        const { name } = entry.data.ref;
        expect({ name, twice: decided.has(name) }).toEqual({ name, twice: false });
        decided.add(name);
      }
      evolveScheduling(state, entry, place);
      expect(verification.take(entry, place)).toBeUndefined();
      if (!subject.startsWith(workSubject(''))) continue;
      for (const { ref, replicas, shares } of state.workloads.values()) {
        const told = shares.reduce((sum, share) => sum + (share.work === 'assigned' ? share.carried.replicas : 0), 0);
        if (told > replicas)
          throw new Error(`${ref.name}: clusters were told to run ${told} of ${replicas} at ${seq}/${index}`);
      }
    }
  }
  return state;
}

/** Every job that was asked for is placed whole, and every cluster was told so. */
export function expectAllPlaced(state: SchedulingState, jobs: number): void {
  expect(state.workloads.size).toBe(jobs);
  for (const { replicas, shares } of state.workloads.values()) {
    expect(shares.reduce((sum, share) => sum + share.replicas, 0)).toBe(replicas);
    expect(shares.every((share) => share.work === 'assigned' && share.carried.replicas === share.replicas)).toBe(true);
  }
}
