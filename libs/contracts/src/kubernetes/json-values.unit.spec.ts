import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cloneJson, deepFreeze, equalJson, setValueAt, valueAt } from './json-values.js';

describe('JSON values', () => {
  it('are equal to their copies, which share nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = cloneJson(deepFreeze(value));
        expect(equalJson(copy, value)).toBe(true);
        expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
        if (typeof copy === 'object' && copy !== null) expect(Object.isFrozen(copy)).toBe(false);
      }),
    );
  });

  it('are compared as JSON.stringify would, apart from the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (a, b) => {
        if (JSON.stringify(a) === JSON.stringify(b)) expect(equalJson(a, b)).toBe(true);
        expect(equalJson(a, b)).toBe(equalJson(b, a));
      }),
    );
    expect(equalJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(equalJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
    expect(equalJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(equalJson([1], { 0: 1 })).toBe(false);
    expect(equalJson(null, {})).toBe(false);
  });

  it('keep a member named __proto__ as data', () => {
    const value = JSON.parse('{"__proto__": {"x": 1}}') as object;
    expect(JSON.stringify(cloneJson(value))).toBe('{"__proto__":{"x":1}}');
    const target: Record<string, unknown> = {};
    setValueAt(target, '__proto__.polluted', true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('are read and written by path', () => {
    const target = { spec: { a: 1 } };
    setValueAt(target, '.spec.b.c', 2);
    expect(target).toEqual({ spec: { a: 1, b: { c: 2 } } });
    expect(valueAt(target, 'spec.b.c')).toBe(2);
    expect(valueAt(target, 'spec.a.c')).toBeUndefined();
  });
});
