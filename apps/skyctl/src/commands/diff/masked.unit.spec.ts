import { describe, expect, it } from '@jest/globals';
import type { ApiObject } from '@skyflow/contracts';
import { masked } from './masked.js';

const secret = (data: Record<string, string>): ApiObject =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data }) as unknown as ApiObject;

describe('a Secret in a diff', () => {
  it('shows no value, but which change, come and go', () => {
    const [before, after] = masked(
      secret({ same: 'a', other: 'b', gone: 'c' }),
      secret({ same: 'a', other: 'B', new: 'd' }),
    );
    expect(before).toMatchObject({ data: { same: '***', other: '*** (before)', gone: '***' } });
    expect(after).toMatchObject({ data: { same: '***', other: '*** (after)', new: '***' } });
  });

  it('is masked when it is new too, and other kinds are not', () => {
    expect(masked(undefined, secret({ a: 'x' }))).toEqual([undefined, secret({ a: '***' })]);
    const map = { ...secret({ a: 'x' }), kind: 'ConfigMap' };
    expect(masked(map, map)).toEqual([map, map]);
  });
});
