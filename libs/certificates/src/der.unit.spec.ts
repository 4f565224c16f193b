import { describe, expect, it } from '@jest/globals';
import { integer, objectId } from './der.js';

const hex = (...bytes: number[]): string => integer(Buffer.from(bytes)).toString('hex');

describe('DER', () => {
  it('writes integers in as few bytes as it may', () => {
    expect(hex(0)).toBe('020100');
    expect(hex(0, 0, 5)).toBe('020105');
    expect(hex(0x80)).toBe('02020080');
    expect(hex(0, 0x80)).toBe('02020080');
    expect(hex(1, 0)).toBe('02020100');
  });

  it('writes object identifiers', () => {
    expect(objectId('1.2.840.10045.4.3.2').toString('hex')).toBe('06082a8648ce3d040302');
  });
});
