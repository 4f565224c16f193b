import { describe, expect, it } from '@jest/globals';
import type { NodeReport } from '@skyflow/contracts';
import { FORGETFUL_MS, reportsAfter } from './node-reports.js';

const report = (node: string, ok = true): NodeReport => ({
  node,
  reaches: [{ cluster: 'b', inside: '10.0.0.1:8443', ok, message: '' }],
});
const before = [report('n1'), report('n2')];

describe('what probes on nodes have told', () => {
  it('is what the gateway says', () => {
    expect(reportsAfter(before, { startedAt: 0, nodes: [report('n1')] }, FORGETFUL_MS + 1)).toEqual([report('n1')]);
  });

  it('stays while a gateway that was started again has not heard it yet, and what is new counts', () => {
    const heard = { startedAt: 0, nodes: [report('n1', false)] };
    expect(reportsAfter(before, { startedAt: 0 }, 1)).toEqual(before);
    expect(reportsAfter(before, heard, FORGETFUL_MS)).toEqual([report('n1', false), report('n2')]);
  });
});
