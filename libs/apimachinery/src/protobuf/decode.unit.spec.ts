import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StatusError } from '../api/status-error.js';
import { decodeProtobuf } from './decode.js';
import { messageType } from './message-types.js';
import { MESSAGES } from './messages.js';
import { SPECIAL_MESSAGES } from './special-values.js';

const lengthDelimited = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
const text = (number: number, value: string): Buffer => lengthDelimited(number, Buffer.from(value));
const varint = (number: number, ...bytes: number[]): Buffer => Buffer.from([number << 3, ...bytes]);
const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    lengthDelimited(1, Buffer.concat([text(1, apiVersion), text(2, kind)])),
    lengthDelimited(2, raw),
  ]);

describe('a protobuf body', () => {
  it('becomes the object that its JSON would be', () => {
    const metadata = Buffer.concat([
      text(1, 'lease'),
      text(2, ''),
      lengthDelimited(8, Buffer.alloc(0)),
      lengthDelimited(11, Buffer.concat([text(1, 'app'), text(2, 'web')])),
    ]);
    const renewed = Buffer.concat([varint(1, 0x81, 0x01), varint(2, 0xe8, 0x07)]);
    const spec = Buffer.concat([text(1, 'me'), varint(2, 0), lengthDelimited(4, renewed)]);
    const raw = Buffer.concat([lengthDelimited(1, metadata), lengthDelimited(2, spec)]);
    expect(decodeProtobuf(envelope('coordination.k8s.io/v1', 'Lease', raw))).toEqual({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'lease', labels: { app: 'web' } },
      spec: { holderIdentity: 'me', leaseDurationSeconds: 0, renewTime: '1970-01-01T00:02:09.000001Z' },
    });
  });

  it('reads negative numbers', () => {
    const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    const body = envelope('scheduling.k8s.io/v1', 'PriorityClass', varint(2, ...minusOne));
    expect(decodeProtobuf(body)).toMatchObject({ value: -1 });
  });

  it('reads the options of a delete in any group', () => {
    const body = envelope('policy/v1', 'DeleteOptions', Buffer.concat([varint(1, 0), text(4, 'Foreground')]));
    expect(decodeProtobuf(body)).toMatchObject({ gracePeriodSeconds: 0, propagationPolicy: 'Foreground' });
  });

  it('is refused with 415 for a kind that is not known and 400 when it is broken', () => {
    expect(() => decodeProtobuf(envelope('example.io/v1', 'Widget', Buffer.alloc(0)))).toThrow('send application/json');
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow('must begin with');
    expect(() => decodeProtobuf(envelope('v1', 'Pod', Buffer.from([0x0a, 0x7f])))).toThrow('ends within a field');
  });

  it('never fails but with a Status, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          decodeProtobuf(envelope('v1', 'Pod', Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      }),
    );
  });

  it('has a type for every message that the table names', () => {
    const names = MESSAGES.trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(' ')));
    const missing = names.flatMap((name) =>
      [...(messageType(name)?.values() ?? [])].filter(
        ({ type }) => type.length > 1 && !SPECIAL_MESSAGES.has(type) && messageType(type) === undefined,
      ),
    );
    expect(names.length).toBeGreaterThan(300);
    expect(missing).toEqual([]);
  });
});
