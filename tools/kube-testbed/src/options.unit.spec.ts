import { describe, expect, it } from '@jest/globals';
import { parseOptions, UsageError } from './options.js';

const parse = (...args: string[]): unknown => parseOptions(args, '/typed/here');

describe('the command line of the testbed', () => {
  it('has the clusters of the walk-through unless told otherwise', () => {
    expect(parse('up', '--directory', 'bed')).toEqual({
      command: 'up',
      directory: '/typed/here/bed',
      clusters: ['mluo-cloud', 'mluo-onprem'],
      nodes: 1,
      cpu: '2',
      memory: '8Gi',
    });
  });

  it('takes clusters by name', () => {
    expect(parse('up', '--directory', '/bed', '--clusters', 'a,b,c')).toMatchObject({ clusters: ['a', 'b', 'c'] });
  });

  it.each([
    [['down'], 'not a command'],
    [['up'], '--directory'],
    [['up', '--directory', '/bed', '--clusters', 'a,B'], '"B"'],
    [['up', '--directory', '/bed', '--clusters', 'a,a'], 'twice'],
    [['up', '--directory', '/bed', '--nodes', '-1'], "'--nodes'"],
    [['up', '--directory', '/bed', '--nodes=x'], '--nodes x'],
    [['build', '--fast'], '--fast'],
  ])('refuses %j and says why', (args, why) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(why);
  });
});
