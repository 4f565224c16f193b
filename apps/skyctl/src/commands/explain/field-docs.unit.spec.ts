import { describe, expect, it } from '@jest/globals';
import { fieldsOf, renderField, type Schemas } from './field-docs.js';

const schemas: Schemas = {
  'a.b.Widget': {
    type: 'object',
    description: 'A widget.',
    required: ['spec'],
    properties: {
      spec: { $ref: '#/components/schemas/a.b.Spec', description: 'What it shall be.' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
  'a.b.Spec': {
    type: 'object',
    description: 'Said of the type.',
    required: ['parts'],
    properties: {
      parts: {
        type: 'array',
        items: { allOf: [{ $ref: '#/components/schemas/a.b.Part' }] },
        description: 'Its parts.',
      },
      mode: { type: 'string', enum: ['Fast', 'Slow'], description: `${'long '.repeat(20)}end` },
    },
  },
  // A part has parts: outlines end there.
  'a.b.Part': {
    type: 'object',
    properties: {
      size: { type: 'integer' },
      parts: { type: 'array', items: { $ref: '#/components/schemas/a.b.Part' } },
    },
  },
};
const kind = { group: 'a', version: 'v1', kind: 'Widget' };
const widget = { schema: schemas['a.b.Widget'] ?? {}, type: 'Object', isRequired: false };

describe('fields of a kind', () => {
  it('are named with their types, what is required, and what is said of each', () => {
    expect(renderField(kind, [], widget, schemas, false)).toBe(
      [
        ...[
          'GROUP:      a',
          'KIND:       Widget',
          'VERSION:    v1',
          '',
          'DESCRIPTION:',
          '    A widget.',
          '',
          'FIELDS:',
        ],
        ...['  labels  <map[string]string>', '    <no description>', ''],
        ...['  spec  <Spec> -required-', '    What it shall be.'],
      ].join('\n'),
    );
  });

  it('are found through references, lists and maps; long words are wrapped', () => {
    const spec = fieldsOf(widget.schema, schemas).get('spec') ?? widget;
    const text = renderField({ ...kind, group: '' }, ['spec'], spec, schemas, false);
    expect(text).toMatch(/^KIND: +Widget\nVERSION: +v1\n\nFIELD: spec <Spec> -required-\n\nDESCRIPTION:\n {4}What it/);
    expect(text).toMatch(/ {2}mode {2}<string>\n {2}ENUM: Fast, Slow\n {4}long/);
    expect(text).toMatch(/ {2}parts {2}<\[\]Part> -required-\n {4}Its parts\.$/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
    const parts = fieldsOf(spec.schema, schemas).get('parts') ?? widget;
    expect([...fieldsOf(parts.schema, schemas).keys()]).toEqual(['parts', 'size']);
  });

  it('are outlined all the way down, a type inside itself once', () => {
    expect(renderField(kind, [], widget, schemas, true).split('FIELDS:\n')[1]).toBe(
      [
        '  labels  <map[string]string>',
        '  spec  <Spec> -required-',
        '    mode  <string>',
        '    parts  <[]Part> -required-',
        '      parts  <[]Part>',
        '      size  <integer>',
      ].join('\n'),
    );
  });
});
