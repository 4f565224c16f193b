import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StatusError } from '../api/status-error.js';
import { deepFreeze } from '@skyflow/contracts';
import { anyJson } from '../schema/workload-schema.spec.js';
import { jsonPatch, MAX_JSON_PATCH_OPERATIONS } from './json-patch.js';

const failure = (document: unknown, operations: unknown): StatusError => {
  try {
    jsonPatch(document, operations);
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('the patch was carried out');
};

describe('a JSON patch', () => {
  // RFC 6902, appendix A, and RFC 6901, section 5.
  it.each([
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
    [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [{ foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    [{ baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [{ a: 1, b: ['x', 2] }, [{ op: 'test', path: '/b/1', value: 2 }], { a: 1, b: ['x', 2] }],
    [{ foo: 'bar' }, [{ op: 'add', path: '/child', value: { grand: {} } }], { foo: 'bar', child: { grand: {} } }],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }], { foo: ['bar', ['abc', 'def']] }],
    [
      { '/': 9, '~1': 10 },
      [
        { op: 'test', path: '/~01', value: 10 },
        { op: 'replace', path: '/~1', value: 8 },
      ],
      { '/': 8, '~1': 10 },
    ],
    [
      { a: { b: 1 } },
      [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'replace', path: '/c/b', value: 2 },
      ],
      { a: { b: 1 }, c: { b: 2 } },
    ],
    [{ a: 1 }, [{ op: 'replace', path: '', value: [] }], []],
    [{ '': { '': 1 } }, [{ op: 'remove', path: '//' }], { '': {} }],
    [{ a: [] }, [{ op: 'add', path: '/a/0', value: null }], { a: [null] }],
  ])('of %j with %j is %j', (document, operations, expected) => {
    expect(jsonPatch(deepFreeze(document), deepFreeze(operations))).toEqual(expected);
  });

  it.each([
    [{}, 400, /must be a list of operations/],
    [[null], 400, /operation 0 must be an object/],
    [[{ op: 'delete', path: '/a' }], 422, /operation 0 has op "delete"; it must be one of add, remove/],
    [[{ op: 'add', path: '/a' }], 400, /operation 0 \(add "\/a"\) must have a value/],
    [[{ op: 'add', value: 1 }], 400, /must have a path/],
    [[{ op: 'add', path: 'a', value: 1 }], 400, /path "a" must begin with "\/"/],
    [[{ op: 'add', path: '/~2', value: 1 }], 400, /"~" that is not followed by 0 or 1/],
    [[{ op: 'move', path: '/a' }], 400, /must have from/],
    [[{ op: 'remove', path: '/b' }], 422, /operation 0 \(remove "\/b"\) cannot be carried out: nothing is at "\/b"/],
    [[{ op: 'add', path: '/x/y', value: 1 }], 422, /nothing is at "\/x"; add it, or its parent, first/],
    [
      [
        { op: 'test', path: '/a', value: 1 },
        { op: 'test', path: '/a', value: 2 },
      ],
      422,
      /operation 1 .*the value there is 1, not 2/,
    ],
    [[{ op: 'add', path: '/l/9', value: 1 }], 422, /must be a list index from 0 to 2/],
    [[{ op: 'remove', path: '/l/-' }], 422, /"-" in "\/l\/-" is not an item/],
    [[{ op: 'remove', path: '/l/01' }], 422, /must be a list index from 0 to 1/],
    [[{ op: 'add', path: '/a/b', value: 1 }], 422, /"\/a" is neither an object nor a list/],
    [[{ op: 'remove', path: '' }], 422, /the whole object cannot be removed/],
    [[{ op: 'move', from: '/o', path: '/o/p' }], 422, /cannot be moved into itself/],
    [[{ op: 'add', path: '/__proto__/x', value: 1 }], 400, /"__proto__", which is not allowed/],
    [[{ op: 'replace', path: '/constructor/prototype', value: 1 }], 422, /nothing is at "\/constructor"/],
  ])('%j is refused with %i: %s', (operations, code, message) => {
    const error = failure({ a: 1, l: [1, 2], o: {} }, operations);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('of too many operations is refused', () => {
    const operations = Array.from({ length: MAX_JSON_PATCH_OPERATIONS + 1 }, () => ({
      op: 'test',
      path: '',
      value: {},
    }));
    expect(failure({}, operations)).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' });
  });

  it('that doubles the document again and again is refused before it is large', () => {
    const operations = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '', path: `/x${i}` }));
    expect(failure({ text: 'some text' }, operations)).toMatchObject({ code: 413 });
  });

  it('takes effect as a whole or not at all', () => {
    const document = { a: 1 };
    failure(document, [
      { op: 'add', path: '/b', value: 1 },
      { op: 'test', path: '/a', value: 9 },
    ]);
    expect(document).toEqual({ a: 1 });
  });

  it('either gives a document or a StatusError, and pollutes no prototype', () => {
    const path = fc.oneof(
      fc.constantFrom('', '/spec', '/spec/env/0', '/-', '/__proto__/p', '/constructor/prototype/p'),
      fc.string(),
    );
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
        path,
        from: path,
        value: anyJson,
      },
      { requiredKeys: ['op', 'path'] },
    );
    fc.assert(
      fc.property(anyJson, fc.array(operation, { maxLength: 4 }), (document, operations) => {
        try {
          jsonPatch(deepFreeze(document), operations);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
        expect(({} as Record<string, unknown>).p).toBeUndefined();
      }),
    );
  });

  it('that adds a field and removes it again changes nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (document, value) => {
        const path = '/new~0~1field';
        expect(
          jsonPatch(document, [
            { op: 'add', path, value },
            { op: 'test', path, value },
            { op: 'remove', path },
          ]),
        ).toEqual(document);
      }),
    );
  });
});
