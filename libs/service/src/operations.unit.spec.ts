/** What is counted of what a service does. */
import { describe, expect, it } from '@jest/globals';
import { operationOf } from './operations.js';
import { PlainHistogram } from './plain-histogram.js';

class CodedError extends Error {
  readonly code = 503;
}

describe('operations', () => {
  const recorded = (): { operation: ReturnType<typeof operationOf>; counts: () => string[] } => {
    const histogram = new PlainHistogram('t', 'Time.', [1_000]);
    return {
      operation: operationOf({ record: (value, labels = {}) => histogram.record(value, labels) }),
      counts: () =>
        histogram
          .text()
          .split('\n')
          .filter((line) => line.startsWith('t_count')),
    };
  };
  const failing = (error: Error) => () => Promise.reject(error);

  it('are counted with what they give, and by how they fail', async () => {
    const { operation, counts } = recorded();
    await expect(operation('append', () => Promise.resolve(7))).resolves.toBe(7);
    await expect(operation('append', failing(new RangeError('no')))).rejects.toThrow('no');
    await expect(operation('append', failing(new CodedError('away')))).rejects.toThrow('away');
    expect(counts()).toEqual([
      't_count{operation="append"} 1',
      't_count{operation="append",error_type="RangeError"} 1',
      't_count{operation="append",error_type="503"} 1',
    ]);
  });

  it('that another one was first is no failure, and nothing to do is nothing', async () => {
    const { operation, counts } = recorded();
    const isExpected = (error: unknown): boolean => error instanceof RangeError;
    await expect(operation('decide', failing(new RangeError('late')), { isExpected })).rejects.toThrow('late');
    await operation('decide', () => Promise.resolve(false), { judge: () => 'nothing' });
    await operation('decide', () => Promise.resolve(true), { judge: () => ({ error: 'disk' }) });
    expect(counts()).toEqual(['t_count{operation="decide"} 1', 't_count{operation="decide",error_type="disk"} 1']);
  });

  it('what ends because the service stops is not counted', async () => {
    const { operation, counts } = recorded();
    const signal = AbortSignal.abort(new Error('stopping'));
    await expect(operation('decide', failing(new Error('stopping')), { signal })).rejects.toThrow('stopping');
    expect(counts()).toEqual([]);
  });
});

describe('a plain histogram', () => {
  it('is written as Prometheus reads it: buckets that hold those before them, sum and count', () => {
    const histogram = new PlainHistogram('wait_seconds', 'Waits.', [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.record(value, { verb: 'a "b"', code: undefined });
    expect(histogram.text()).toBe(
      [
        '# HELP wait_seconds Waits.',
        '# TYPE wait_seconds histogram',
        'wait_seconds_bucket{verb="a \\"b\\"",le="0.1"} 2',
        'wait_seconds_bucket{verb="a \\"b\\"",le="1"} 3',
        'wait_seconds_bucket{verb="a \\"b\\"",le="+Inf"} 4',
        'wait_seconds_sum{verb="a \\"b\\""} 7.65',
        'wait_seconds_count{verb="a \\"b\\""} 4',
        '',
      ].join('\n'),
    );
  });
});
