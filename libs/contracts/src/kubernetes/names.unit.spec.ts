import { describe, expect, it } from '@jest/globals';
import { brokenNameRule, isLabelValue, isQualifiedName } from './names.js';

describe('names', () => {
  it.each(['a', 'a-b', 'a.b', '1', 'x'.repeat(253)])('%s is a subdomain', (name) => {
    expect(brokenNameRule(name, 'dns1123-subdomain')).toBeUndefined();
  });

  it.each(['', 'A', '-a', 'a-', 'a..b', 'a_b', 'a/b', '..', 'ä', 'a b', 'x'.repeat(254)])('%j is none', (name) => {
    expect(brokenNameRule(name, 'dns1123-subdomain')).toMatch(/RFC 1123|no more than 253/);
  });

  it('follow the rule of the resource', () => {
    expect(brokenNameRule('a.b', 'dns1123-label')).toMatch(/RFC 1123 label/);
    expect(brokenNameRule('1a', 'dns1035-label')).toMatch(/DNS-1035/);
    expect(brokenNameRule('system:node', 'path-segment')).toBeUndefined();
    expect(brokenNameRule('a/b', 'path-segment')).toMatch(/must not contain/);
  });

  it('may end in a dash as prefixes', () => {
    expect(brokenNameRule('web-', 'dns1123-subdomain', true)).toBeUndefined();
    expect(brokenNameRule('-', 'dns1123-label', true)).toBeDefined();
  });

  it('of labels have an optional prefix', () => {
    expect(['app', 'example.io/app', 'A.b_c-d'].every(isQualifiedName)).toBe(true);
    expect(['', '/a', 'a/', 'a/b/c', '-a', 'Example.io/a', 'x'.repeat(64)].some(isQualifiedName)).toBe(false);
    expect([isLabelValue(''), isLabelValue('My_value.1'), isLabelValue('a b'), isLabelValue('x'.repeat(64))]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
