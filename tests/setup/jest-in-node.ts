/**
 * What specs of properties take from @jest/globals, over Node's own runner and Jest's own `expect`: tools/property-runs.mjs puts it in
 * the place of @jest/globals.
 */
import { after, afterEach, before, beforeEach, describe as describeInNode, it as itInNode } from 'node:test';
import { format } from 'node:util';
import { expect } from 'expect';

type Body = (...values: unknown[]) => unknown;

// What says how many runs were passed looks for it where Jest has it.
Object.assign(globalThis, { expect });
await import('./properties.js');

const names: string[] = [];

export function describe(name: string, body: () => void): void {
  void describeInNode(name, () => {
    names.push(name);
    body();
    names.pop();
  });
}

export const it = Object.assign(
  (name: string, body: Body): void => {
    const currentTestName = [...names, name].join(' ');
    void itInNode(name, async () => {
      expect.setState({ currentTestName });
      await body();
    });
  },
  {
    each: (rows: readonly unknown[]) => (name: string, body: Body) => {
      for (const row of rows) {
        const values: readonly unknown[] = Array.isArray(row) ? row : [row];
        it(titled(name, values), () => body(...values));
      }
    },
  },
);

/** As many of the values as the name has places for; Jest leaves the others out too. */
const titled = (name: string, values: readonly unknown[]): string =>
  format(name, ...values.slice(0, name.match(/%[sdifjoO]/g)?.length ?? 0));

export { after as afterAll, afterEach, before as beforeAll, beforeEach, expect };
