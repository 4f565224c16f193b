import { describe, expect, it } from '@jest/globals';
import type { WorkloadStatus } from '@skyflow/contracts';
import fc from 'fast-check';
import { apiObject, statusBasis } from './api-object.js';
import { foldAll, histories } from './histories.testing.js';
import { type ObjectChange, initialObjects } from './objects-state.js';
import { WaitingBook } from './waiting-book.js';

const basis = { nowMs: 9e12, lastHeartbeatMs: () => 9e12, listeningSinceMs: 0, staleAfterMs: 5_000 };
const MANY = 1_000;

const figures = (book: WaitingBook): unknown =>
  book.reasons(MANY).map(({ reason, workloads, replicas, examples }) => ({
    reason,
    workloads,
    replicas,
    names: examples.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`).sort(),
  }));

describe('what waits and why', () => {
  it('is the same kept up change by change as counted anew', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = initialObjects();
        const book = new WaitingBook();
        for (const each of history) {
          const changes: ObjectChange[] = [];
          state.changes = changes;
          foldAll([each], state);
          for (const { type, record } of changes) {
            if (type === 'DELETED') book.remove(record);
            else book.put(record);
          }
        }
        expect(figures(book)).toEqual(figures(new WaitingBook(state.table.all())));
      }),
      { numRuns: 300 },
    );
  });

  it('is every workload whose status has fewer places than replicas, and is neither at its end nor on its way out', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = foldAll(history);
        const shown = statusBasis(state, basis);
        const waiting = [...state.table.all()].filter((record) => {
          if (record.workload === undefined || record.deletedAt > 0) return false;
          const { placed, replicas } = apiObject(record, shown).status as WorkloadStatus;
          return placed < replicas && !['COMPLETED', 'FAILED'].includes(record.workload.phase);
        });
        const book = new WaitingBook(state.table.all());
        expect(new Set(book.records())).toEqual(new Set(waiting));
        const total = book.reasons(0).reduce((sum, { workloads }) => sum + workloads, 0);
        expect(total).toBe(waiting.length);
      }),
      { numRuns: 300 },
    );
  });
});
