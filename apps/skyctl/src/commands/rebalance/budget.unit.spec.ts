import { describe, expect, it } from '@jest/globals';
import type { MovePreview } from '@skyflow/contracts';
import { withinBudget } from './budget.js';

const move = (name: string, from: Record<string, number>, to: Record<string, number>): MovePreview['moves'][number] => {
  const shares = (list: Record<string, number>) =>
    Object.entries(list).map(([cluster, replicas]) => ({ cluster, replicas }));
  return { kind: 'Job', namespace: 'default', name, from: shares(from), to: shares(to), waiting: 0, when: 'now' };
};

const preview: MovePreview = {
  ...{ position: 7, workloads: 2, replicas: 6, waiting: 0, placed: 20 },
  moves: [move('one', { a: 2, b: 1 }, { c: 3 }), move('two', { a: 3 }, { b: 1, c: 2 })],
};

describe('the part of a preview that a budget allows', () => {
  it('is all of it without a budget, or within it', () => {
    expect(withinBudget(preview)).toEqual(preview);
    expect(withinBudget(preview, 6)).toEqual(preview);
  });

  it('ends with the replicas that are left, and counts what remains', () => {
    expect(withinBudget(preview, 4)).toEqual({
      ...preview,
      replicas: 4,
      moves: [move('one', { a: 2, b: 1 }, { c: 3 }), move('two', { a: 1 }, { b: 1 })],
    });
    expect(withinBudget(preview, 2)).toMatchObject({ workloads: 1, moves: [move('one', { a: 2 }, { c: 2 })] });
  });
});
