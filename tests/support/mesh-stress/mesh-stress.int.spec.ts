/** Flags and sums of `npm run test:mesh -- --repeat N --load N`. */
import { describe, expect, it } from '@jest/globals';
import { countConnections, stressOptions } from './mesh-stress.mjs';

describe('the stress runs of the mesh suite', () => {
  it('are plain runs without their flags, and leave other arguments to Jest', () => {
    expect(stressOptions(['gateway-churn'])).toBeUndefined();
    expect(stressOptions(['--repeat', '50', 'bytes', '--load=4'])).toEqual({ repeat: 50, load: 4, rest: ['bytes'] });
    expect(stressOptions(['--load', '2'])).toEqual({ repeat: 1, load: 2, rest: [] });
  });

  it.each([
    [['--repeat'], '--repeat : must be a whole number from 1 to 10000.'],
    [['--repeat', '0'], '--repeat 0: must be a whole number from 1 to 10000.'],
    [['--load', 'many'], '--load many: must be a whole number from 0 to 256.'],
    [['--load', '1', '--load', '2'], '--load is given twice.'],
  ])('refuse %j', (given, message) => {
    expect(() => stressOptions(given)).toThrow(message);
  });

  it('add up the connections of all clients', () => {
    const lines = '{"made":10,"failed":{}}\n{"made":5,"failed":{"ECONNRESET":2,"timeout":1}}\n';
    expect(countConnections(lines)).toEqual({ made: 15, failed: 3, byCode: { ECONNRESET: 2, timeout: 1 } });
  });
});
