import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseFieldSelector, parseLabelSelector } from './selector-parser.js';
import { matchesSelectors } from './selectors.js';
import { matchesLabels } from '@skyflow/contracts';

describe('label selectors', () => {
  const labels = { app: 'web', tier: 'front', n: '7', 'example.io/empty': '' };

  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['gone', false],
    ['!gone', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier=front', true],
    ['app!=web', false],
    ['gone!=x', true],
    ['app in (db, web)', true],
    ['app notin (db,web)', false],
    ['gone notin (x)', true],
    ['gone in (x)', false],
    ['n>6,n<8', true],
    ['n>7', false],
    ['app>1', false],
    ['example.io/empty=', true],
    ['example.io/empty in (,x)', true],
    ['app=', false],
  ])('%j on the labels gives %p', (text, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
  });

  it.each(['=', 'a b', 'a in b', 'a in (b', 'a,,b', 'a,', 'a=b=c', 'a>x', '!', '!a=b', '-a', 'a=b!', 'a in (b c)'])(
    'refuses %j',
    (text) => {
      expect(() => parseLabelSelector(text)).toThrow('unable to parse requirement');
    },
  );

  it('never throws anything but a 400 on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseLabelSelector(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 400 });
        }
      }),
    );
  });

  it('a set and its complement split all labels in two', () => {
    const word = fc.stringMatching(/^[a-z]{1,3}$/);
    fc.assert(
      fc.property(fc.dictionary(word, word), word, fc.array(word, { minLength: 1 }), (given, key, values) => {
        const within = matchesLabels(parseLabelSelector(`${key} in (${values.join(',')})`), given);
        const without = matchesLabels(parseLabelSelector(`${key} notin (${values.join(',')})`), given);
        expect(within).toBe(!without);
      }),
    );
  });
});

describe('field selectors', () => {
  const paths = ['metadata.name', 'spec.text'];
  const object = { apiVersion: 'v1', kind: 'X', metadata: { name: 'a' }, spec: { text: 'x,y=z\\' } };
  const fields = { 'spec.text': () => 'x,y=z\\' };

  it.each([
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==a', true],
    ['metadata.name!=a', false],
    ['metadata.name=a,spec.text=other', false],
    ['spec.text=x\\,y\\=z\\\\', true],
  ])('%j gives %p', (text, expected) => {
    const selectors = { labels: [], fields: parseFieldSelector(text, paths) };
    expect(matchesSelectors(selectors, object, fields)).toBe(expected);
  });

  it('names what can be selected when something else is', () => {
    expect(() => parseFieldSelector('spec.nodeName=n', paths)).toThrow(
      'field label not supported: spec.nodeName; this resource can be selected by metadata.name, spec.text',
    );
    expect(() => parseFieldSelector('metadata.name', paths)).toThrow("can't understand 'metadata.name'");
  });
});
