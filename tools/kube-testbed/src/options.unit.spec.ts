import { describe, expect, it } from '@jest/globals';
import { parseOptions, UsageError } from './options.js';

const parse = (...args: string[]): unknown => parseOptions(args, '/typed/here');

describe('the command line of the testbed', () => {
  it('has the clusters of the walk-through unless told otherwise', () => {
    expect(parse('up', '--directory', 'bed')).toEqual({
      command: 'up',
      provider: 'source',
      directory: '/typed/here/bed',
      clusters: ['mluo-cloud', 'mluo-onprem'],
      nodes: 1,
      cpu: '2',
      memory: '8Gi',
      runtime: 'virtual',
    });
  });

  it('takes clusters by name', () => {
    expect(parse('up', '--directory', '/bed', '--clusters', 'a,b,c')).toMatchObject({ clusters: ['a', 'b', 'c'] });
  });

  it('takes k3s for both commands', () => {
    expect(parse('build', '--provider', 'k3s')).toEqual({ command: 'build', provider: 'k3s' });
    expect(parse('up', '--directory', '/bed', '--provider=k3s')).toMatchObject({ provider: 'k3s' });
  });

  it.each([
    [['down'], 'not a command'],
    [['up'], '--directory'],
    [['up', '--directory', '/bed', '--clusters', 'a,B'], '"B"'],
    [['up', '--directory', '/bed', '--clusters', 'a,a'], 'twice'],
    [['up', '--directory', '/bed', '--nodes', '-1'], "'--nodes'"],
    [['up', '--directory', '/bed', '--nodes=x'], '--nodes x'],
    [['build', '--fast'], '--fast'],
    [['build', '--provider', 'kind'], '--provider kind'],
  ])('refuses %j and says why', (args, why) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(why);
  });
});
