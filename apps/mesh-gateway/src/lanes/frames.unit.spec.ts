/** However the bytes are cut on their way, the same frames come out. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FRAME, frameHeader, FrameReader } from './frames.js';

type Seen = [what: 'route' | 'answer' | 'end', text: string] | [what: 'data', bytes: string];

function readerInto(seen: Seen[]): FrameReader {
  return new FrameReader({
    route: (text) => seen.push(['route', text]),
    answer: (text) => seen.push(['answer', text]),
    data: (part) => {
      const last = seen.at(-1);
      if (last?.[0] === 'data') last[1] += part.toString('hex');
      else seen.push(['data', part.toString('hex')]);
    },
    end: () => seen.push(['end', '']),
  });
}

const frame = (kind: number, payload: Buffer): Buffer => Buffer.concat([frameHeader(kind, payload.length), payload]);

const written = fc.oneof(
  fc.string({ maxLength: 300 }).map((text): [Buffer, Seen] => [frame(FRAME.route, Buffer.from(text)), ['route', text]]),
  fc
    .string({ maxLength: 300 })
    .map((text): [Buffer, Seen] => [frame(FRAME.answer, Buffer.from(text)), ['answer', text]]),
  fc
    .uint8Array({ minLength: 1, maxLength: 500 })
    .map((bytes): [Buffer, Seen] => [
      frame(FRAME.data, Buffer.from(bytes)),
      ['data', Buffer.from(bytes).toString('hex')],
    ]),
  fc.constant<[Buffer, Seen]>([frame(FRAME.end, Buffer.alloc(0)), ['end', '']]),
);

describe('frames of a lane', () => {
  it('come out as they were written, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 12 }), fc.array(fc.nat({ max: 700 })), (frames, cuts) => {
        const wanted: Seen[] = [];
        for (const [, each] of frames) {
          const last = wanted.at(-1);
          if (each[0] === 'data' && last?.[0] === 'data') last[1] += each[1];
          else wanted.push([...each]);
        }
        let bytes = Buffer.concat(frames.map(([each]) => each));
        const seen: Seen[] = [];
        const reader = readerInto(seen);
        for (const cut of cuts) {
          reader.push(bytes.subarray(0, cut));
          bytes = bytes.subarray(cut);
        }
        reader.push(bytes);
        expect(seen).toEqual(wanted);
      }),
    );
  });

  it('of a kind that is none, or with a route that is too long, are refused before they are read', () => {
    const reader = (): FrameReader => readerInto([]);
    expect(() => reader().push(frameHeader(9, 0))).toThrow('a frame of kind 9');
    expect(() => reader().push(frameHeader(FRAME.route, 1_000_000))).toThrow('with 1000000 bytes; at most 16384');
  });
});
