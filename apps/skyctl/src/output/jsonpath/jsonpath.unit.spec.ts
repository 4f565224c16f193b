import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { render, valuesOf } from './evaluate.js';
import { parseRelaxed, parseTemplate } from './parse-template.js';
import { JsonPathError } from './syntax.js';

/** After the data of kubernetes.io/docs/reference/kubectl/jsonpath. */
const data = {
  kind: 'List',
  items: [
    { kind: 'None', metadata: { name: '127.0.0.1', labels: { 'kubernetes.io/hostname': '127.0.0.1' } }, n: 3 },
    { kind: 'None', metadata: { name: '127.0.0.2' }, n: 5, status: { ready: true, addresses: [{ type: 'a' }] } },
  ],
  users: [
    { name: 'myself', user: {} },
    { name: 'e2e', user: { username: 'admin', password: 'secret' } },
  ],
};
const print = (template: string) => render(parseTemplate(template), data);

describe('a JSONPath template', () => {
  it.each([
    ['kind is {.kind}', 'kind is List'],
    ['{.kind} {.missing}|', 'List |'],
    ["{['kind']}", 'List'],
    ['{..name}', '127.0.0.1 127.0.0.2 myself e2e'],
    ['{.items[*].metadata.name}', '127.0.0.1 127.0.0.2'],
    ['{.users[0].name}', 'myself'],
    ['{.users[-1].name}', 'e2e'],
    ['{.users[0:1].name}', 'myself'],
    ['{.users[:-1].name}', 'myself'],
    ["{.items[0]['kind','n']}", 'None 3'],
    ['{.users[?(@.name=="e2e")].user.password}', 'secret'],
    ["{.users[?(@.name!='e2e')].name}", 'myself'],
    ['{.items[?(@.n>3)].metadata.name}', '127.0.0.2'],
    ['{.items[?(@.n<=3)].metadata.name}', '127.0.0.1'],
    ['{.items[?(@.status.ready==true)].n}', '5'],
    ['{.items[?(@.status)].n}', '5'],
    ['{range .items[*]}[{.metadata.name}, {.n}] {end}', '[127.0.0.1, 3] [127.0.0.2, 5] '],
    ['{range .items[*]}{.metadata.name}{"\\t"}{end}{"\\n"}', '127.0.0.1\t127.0.0.2\t\n'],
    ['{range .items[*]}{range .status.addresses[*]}{.type}{end}{end}', 'a'],
    ['{.items[0].metadata.labels.kubernetes\\.io/hostname}', '127.0.0.1'],
    ["{.items[0].metadata.labels['kubernetes.io/hostname']}", '127.0.0.1'],
    ['{$.kind}', 'List'],
    ['{@.kind}', 'List'],
    ['{.users[1].user}', '{"username":"admin","password":"secret"}'],
    ['{.items[*].n}', '3 5'],
  ])('%s', (template, expected) => {
    expect(print(template)).toBe(expected);
  });

  it.each(['{.a', '{.a[}', '{end}', '{range .a}', '{.a[]}', '{}', '{.a[x]}', '{.items[?(name=="x")]}', '{.a[::0]}'])(
    '%s is refused with the reason',
    (template) => {
      expect(() => parseTemplate(template)).toThrow(JsonPathError);
    },
  );

  it('may leave out braces and the first dot where one expression is wanted', () => {
    for (const text of ['metadata.name', '.metadata.name', '{.metadata.name}']) {
      expect(valuesOf(parseRelaxed(text), data.items[0])).toEqual(['127.0.0.1']);
    }
  });

  it('never reaches beyond the data', () => {
    expect(print('{.constructor}{.__proto__}{.items.length}')).toBe('');
  });

  it('prints any text without braces as it is, and refuses or prints any other, but never fails otherwise', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (!/[{}]/.test(text)) expect(print(text)).toBe(text);
        try {
          print(text);
          print(`{${text}}`);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonPathError);
        }
      }),
    );
  });

  it('finds every field that it names, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer(), (name, value) => {
        const quoted = name.replaceAll(/[\\']/g, (character) => `\\${character}`);
        expect(render(parseTemplate(`{['${quoted}']}`), Object.fromEntries([[name, value]]))).toBe(String(value));
      }),
    );
  });
});
