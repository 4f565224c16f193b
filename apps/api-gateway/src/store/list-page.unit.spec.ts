/** Pages of a list are the list as it was at the first page, whatever is written between them. */
import { describe, expect, it } from '@jest/globals';
import { type ObjectRecord, initialObjects } from '@skyflow/domain';
import fc from 'fast-check';
import { listPage } from './list-page.js';
import { ReadModel } from './read-model.js';

const KIND = 'Job';

interface Write {
  namespace: string;
  name: string;
  /** Deletes it where it is there; creates or changes it otherwise. */
  deletes: boolean;
}

const writes = fc.array(
  fc.record({
    namespace: fc.constantFrom('a', 'b', 'c'),
    name: fc.constantFrom('1', '2', '3', '4', '5', '6'),
    deletes: fc.boolean(),
  }),
  { maxLength: 30 },
);

class Written {
  readonly model = new ReadModel({
    liveness: () => ({ nowMs: 0, listeningSinceMs: 0, staleAfterMs: 1, lastHeartbeatMs: () => undefined }),
  });
  private readonly state = initialObjects();

  constructor() {
    this.model.begin(this.state);
  }

  write({ namespace, name, deletes }: Write): void {
    const position = this.state.position + 1;
    const { table } = this.state;
    const previous = table.get(KIND, namespace, name);
    // Pages know no more of a record than its key.
    const record = { kind: KIND, namespace, name, position } as unknown as ObjectRecord;
    if (deletes) table.remove(KIND, namespace, name);
    else table.put(record);
    this.state.position = position;
    const sights = new Map<string, never>();
    if (!deletes) {
      const type = previous === undefined ? 'ADDED' : 'MODIFIED';
      this.state.changes = [{ type, position, record, previous, sights }];
    } else if (previous !== undefined) {
      this.state.changes = [{ type: 'DELETED', position, record: previous, previous, sights }];
    }
    this.model.advance(this.state, position);
  }

  list(namespace?: string): ObjectRecord[] {
    return [...this.state.table.ordered(KIND, namespace)];
  }
}

describe('pages of a list', () => {
  it('are one list, each object once, with the number that remains', () => {
    fc.assert(
      fc.property(
        writes,
        fc.array(writes, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
        (before, between, limit, namespace) => {
          const written = new Written();
          for (const write of before) written.write(write);
          const asItWas = written.list(namespace);
          const seen: ObjectRecord[] = [];
          let token: string | undefined;
          let turn = 0;
          do {
            const page = listPage(
              written.model,
              KIND,
              {
                limit,
                ...(namespace !== undefined && { namespace }),
                ...(token !== undefined && { continueToken: token }),
              },
              undefined,
            );
            seen.push(...page.records);
            token = page.continueToken;
            if (token !== undefined) expect(page.remaining).toBe(asItWas.length - seen.length);
            for (const write of between[turn++ % between.length] ?? []) written.write(write);
          } while (token !== undefined);
          expect(seen).toEqual(asItWas);
        },
      ),
    );
  });
});
