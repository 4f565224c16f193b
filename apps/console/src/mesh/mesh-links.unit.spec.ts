import { describe, expect, it } from '@jest/globals';
import type { HeldKinds } from '../api/objects.js';
import { meshLinks } from './mesh-links.js';

const service = (cluster: string | undefined, ways: [string, string][]): HeldKinds['services'] =>
  ({
    status: {
      cluster,
      clusters: ways.map(([to, state]) => ({ cluster: to, path: { state, message: `${to} ${state}`, since: 't' } })),
    },
  }) as unknown as HeldKinds['services'];

describe('ways between clusters', () => {
  it('are as bad as the worst that a service sees, the worst first', () => {
    const links = meshLinks([
      service('a', [
        ['b', 'UP'],
        ['c', 'UP'],
      ]),
      service('a', [['c', 'DOWN']]),
      service('a', [['c', 'UNKNOWN']]),
      service(undefined, [['d', 'DOWN']]),
    ]);
    expect(links.map(({ from, to, state, services, message }) => [from, to, state, services, message])).toEqual([
      ['a', 'c', 'DOWN', 3, 'c DOWN'],
      ['a', 'b', 'UP', 1, 'b UP'],
    ]);
  });
});
