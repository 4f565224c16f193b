import { describe, expect, it } from '@jest/globals';
import { questionOf } from './question.js';

const none = { down: [], nodes: { cluster: '', count: 2, cpu: '4', memory: '8Gi' }, manifest: '' };

describe('a what-if', () => {
  it('asks for what was filled in only', () => {
    expect(questionOf({ ...none, down: ['a'] })).toEqual({ clustersDown: ['a'] });
    expect(questionOf({ ...none, nodes: { ...none.nodes, cluster: 'a' } })).toEqual({
      clustersDown: [],
      nodes: [{ cluster: 'a', count: 2, allocatable: { cpu: '4', memory: '8Gi' } }],
    });
    const manifest = 'kind: Job\nmetadata: { name: a }\n---\n---\nkind: Job\nmetadata: { name: b, namespace: x }\n';
    expect(questionOf({ ...none, manifest })).toMatchObject({
      objects: [
        { kind: 'Job', metadata: { name: 'a', namespace: 'default' } },
        { kind: 'Job', metadata: { name: 'b', namespace: 'x' } },
      ],
    });
  });

  it.each([
    ['', 'Nothing would be different'],
    ['# only a remark', 'Nothing would be different'],
    ['a: [', 'line 1'],
    ['word', '"word" is no object'],
  ])('with %j says what is wrong', (manifest, text) => {
    expect(() => questionOf({ ...none, manifest })).toThrow(text);
  });
});
