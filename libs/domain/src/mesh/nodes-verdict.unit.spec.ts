import { describe, expect, it } from '@jest/globals';
import type { NodeReport } from '@skyflow/contracts';
import { nodesVerdict } from './nodes-verdict.js';

const INSIDE = '10.0.0.1:8443';
const report = (node: string, ok: boolean, inside = INSIDE): NodeReport => ({
  node,
  reaches: [{ cluster: 'b', inside, ok, message: ok ? 'answered' : 'no answer' }],
});
const verdict = (reports: NodeReport[], nodes: string[], excused: string[] = []): unknown =>
  nodesVerdict({ reports, nodes, excused: new Set(excused), cluster: 'b', inside: INSIDE });

describe('what the nodes of a cluster found', () => {
  it('is known when all have tried, and good when all reached it', () => {
    expect(verdict([], ['n1', 'n2'])).toEqual({ message: '2 of 2 nodes have not tried: n1, n2' });
    expect(verdict([report('n1', true)], ['n1', 'n2'])).toEqual({ message: '1 of 2 nodes have not tried: n2' });
    expect(verdict([report('n1', true), report('n2', true)], ['n1', 'n2'])).toEqual({
      ok: true,
      message: '2 of 2 nodes: answered',
    });
  });

  it('is bad as soon as one did not reach it, whoever has not tried', () => {
    expect(verdict([report('n1', false)], ['n1', 'n2'])).toEqual({ ok: false, message: 'n1: no answer' });
    const both = [report('n1', false), report('n2', false)];
    expect(verdict(both, ['n1', 'n2'])).toEqual({ ok: false, message: 'n1: no answer, and 1 more' });
  });

  it('is of nodes that are there, and of the place where the other gateway is now', () => {
    expect(verdict([report('gone', false), report('n1', true)], ['n1'])).toMatchObject({ ok: true });
    expect(verdict([report('n1', true, '10.0.0.9:8443')], ['n1'])).not.toHaveProperty('ok');
    expect(verdict([], [])).not.toHaveProperty('ok');
  });

  it('waits for no new node, but is not known by new ones alone', () => {
    expect(verdict([report('n1', true)], ['n1', 'new'], ['new'])).toMatchObject({ ok: true });
    expect(verdict([], ['new'], ['new'])).not.toHaveProperty('ok');
  });
});
