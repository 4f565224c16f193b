/** The protobuf wire format: fields of one message. Throws RangeError on anything that is not well formed. */

export interface WireField {
  number: number;
  /** Of varints and fixed-width fields; unsigned. */
  value: bigint;
  /** Of length-delimited fields. */
  bytes: Buffer;
  wireType: number;
}

const EMPTY = Buffer.alloc(0);

export function* readFields(message: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('it ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('a number is too long');
  };
  const take = (length: number): Buffer => {
    if (length > message.length - at) throw new RangeError('it ends within a field');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (wireType === 0) yield { number, wireType, value: varint(), bytes: EMPTY };
    else if (wireType === 1) yield { number, wireType, value: take(8).readBigUInt64LE(), bytes: EMPTY };
    else if (wireType === 2) yield { number, wireType, value: 0n, bytes: take(Number(varint())) };
    else if (wireType === 5) yield { number, wireType, value: BigInt(take(4).readUInt32LE()), bytes: EMPTY };
    else throw new RangeError(`wire type ${wireType} is not used by Kubernetes`);
  }
}

/** The bytes of the first field with this number, if any. */
export function bytesOf(message: Buffer, number: number): Buffer | undefined {
  for (const field of readFields(message)) if (field.number === number) return field.bytes;
  return undefined;
}
