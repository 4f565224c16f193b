/** What an active scheduler can be asked. */
import { explainRequestSchema, previewRequestSchema, simulateRequestSchema } from '@skyflow/contracts';
import { UnknownClusterError, explainNow, previewMoves, simulate } from '@skyflow/domain';
import { type Answering, Unanswerable, answering } from './question-server.js';

export const questions: readonly Answering[] = [
  answering({
    verb: 'preview',
    request: previewRequestSchema,
    answer: (state, { objects, deleted, rebalance, most }) => ({
      preview: previewMoves(state, { objects, deleted, rebalance }, { nowMs: Date.now(), most }),
    }),
  }),
  answering({
    verb: 'explain',
    request: explainRequestSchema,
    answer: (state, { uid }) => {
      const explanation = explainNow(state, uid, Date.now());
      if (explanation === undefined) throw new Unanswerable(404, `the scheduler knows no workload with uid ${uid}`);
      return { explanation };
    },
  }),
  answering({
    verb: 'simulate',
    request: simulateRequestSchema,
    answer: (state, { most, ...change }) => {
      try {
        return { simulation: simulate(state, change, { nowMs: Date.now(), most }) };
      } catch (error) {
        if (error instanceof UnknownClusterError) throw new Unanswerable(404, error.message);
        throw error;
      }
    },
  }),
];
