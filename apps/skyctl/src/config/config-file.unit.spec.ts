import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { readPlain } from './config-file.js';

const text = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9.:/_-]{0,20}$/), fc.string({ minLength: 1, maxLength: 20 }));
const config = fc.record({
  currentContext: text,
  contexts: fc.array(
    fc.record({ name: text, server: text, token: text, namespace: text }, { requiredKeys: ['name', 'server'] }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
});

describe('the quick reader of config.yaml', () => {
  it('reads what is written without a YAML parser, and leaves the rest to one: never anything else than it says', () => {
    fc.assert(
      fc.property(config, (written) => {
        const document = stringify(written);
        expect(readPlain(document) ?? parse(document)).toEqual(written);
      }),
    );
  });

  it('reads the file that `up` writes', () => {
    expect(
      readPlain(
        'currentContext: local\ncontexts:\n  - name: local\n    server: http://127.0.0.1:50051\n    token: aB3_x-9\n    namespace: default\n',
      ),
    ).toEqual({
      currentContext: 'local',
      contexts: [{ name: 'local', server: 'http://127.0.0.1:50051', token: 'aB3_x-9', namespace: 'default' }],
    });
  });

  it.each([
    'contexts: []\n',
    'contexts:\n- name: a\n',
    'currentContext: "a"\ncontexts:\n  - name: a\n',
    'contexts:\n  - name: a # note\n',
    'contexts:\n  - name: {a: b}\n',
    'contexts:\n  - name: >\n      folded\n',
    '{"contexts": []}',
  ])('does not guess at %j', (document) => expect(readPlain(document)).toBeUndefined());
});
