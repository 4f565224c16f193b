import { describe, expect, it } from '@jest/globals';
import { asSchema31 } from './schemas-of-31.js';

describe('schemas in the words of OpenAPI 3.1', () => {
  it.each([
    [{ type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [{ type: 'string', nullable: false }, { type: 'string' }],
    [{ $ref: '#/x', nullable: true }, { anyOf: [{ $ref: '#/x' }, { type: 'null' }] }],
    [{ properties: { nullable: { type: 'boolean' } } }, { properties: { nullable: { type: 'boolean' } } }],
    [{ items: { 'x-skyflow-never-absent': true, type: 'object' } }, { items: { type: 'object' } }],
  ])('%j', (before, after) => {
    expect(asSchema31(before)).toEqual(after);
  });
});
