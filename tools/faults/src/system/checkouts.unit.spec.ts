import { describe, expect, it } from '@jest/globals';
import { Checkouts, notBuilt } from './checkouts.js';

describe('two versions beside each other', () => {
  it('share the instances of a service, and change places', () => {
    const two = new Checkouts('/new', '/old');
    expect([0, 1, 2, 3].map((index) => two.of(index))).toEqual(['/new', '/old', '/new', '/old']);
    expect(['/new', '/old'].map((each) => two.other(each))).toEqual(['/old', '/new']);
  });

  it('are one where none is beside', () => {
    const one = new Checkouts('/new', undefined);
    expect([one.of(0), one.of(1), one.other('/new')]).toEqual(['/new', '/new', '/new']);
  });

  it('are asked for by a folder that must have the programs', () => {
    expect(notBuilt('/nowhere')).toMatch(/has no apps\/api-gateway\/dist\/main\.js; .*npx nx run-many -t build/);
  });
});
