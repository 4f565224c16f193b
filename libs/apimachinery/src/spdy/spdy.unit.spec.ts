import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { constants, deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SPDY_DICTIONARY } from './dictionary.js';
import { readFrames } from './frames.js';
import { HeaderReader, HeaderWriter } from './header-block.js';
import { SpdySession } from './spdy-session.js';
import type { SpdyStream } from './spdy-stream.js';

function pair(onStream: (stream: SpdyStream) => void): { client: SpdySession; server: SpdySession; wire: Duplex } {
  const [left, right] = duplexPair();
  return {
    client: new SpdySession(left, { role: 'client' }),
    server: new SpdySession(right, { role: 'server', onStream }),
    wire: left,
  };
}

/** Not `once`: it rejects when the stream closes with an error. */
const closeOf = (stream: SpdyStream): Promise<unknown> => new Promise((resolve) => stream.once('close', resolve));

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  return Buffer.concat((await Array.fromAsync(stream)) as Buffer[]).toString();
}

describe('header blocks', () => {
  it('are read as they were written, one after the other', async () => {
    const texts = fc.string({ unit: 'grapheme-ascii', minLength: 1 });
    const headers = fc.dictionary(
      texts.map((text) => text.toLowerCase()),
      texts,
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(headers, { maxLength: 5 }), async (blocks) => {
        const writer = new HeaderWriter();
        const reader = new HeaderReader();
        for (const block of blocks) {
          const read = await reader.read(writer.write(block));
          expect(read).toEqual(Object.fromEntries(Object.entries(block).map(([name, value]) => [name, [value]])));
        }
        reader.close();
      }),
      { numRuns: 50 },
    );
  });

  it('are read when they are compressed with the dictionary of the protocol, as other implementations do', async () => {
    expect(SPDY_DICTIONARY).toHaveLength(1423);
    const plain = Buffer.from('\0\0\0\x01\0\0\0\x0astreamtype\0\0\0\x06stdout');
    const block = deflateSync(plain, { dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
    const reader = new HeaderReader();
    expect(await reader.read(block)).toEqual({ streamtype: ['stdout'] });
    reader.close();
  });

  it('that are none are refused', async () => {
    const reader = new HeaderReader();
    await expect(reader.read(Buffer.from('no zlib'))).rejects.toThrow('cannot be inflated');
    reader.close();
  });
});

describe('a session', () => {
  it('carries many streams at once, both ways, each with its headers and its end', async () => {
    const { client, server } = pair((stream) => {
      void (async () => {
        const text = await textOf(stream);
        stream.end(`${stream.header('name') ?? ''}: ${text.length}`);
      })();
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => {
        const stream = client.open({ name: `s${n}` });
        for (let part = 0; part < 10; part++) stream.write('x'.repeat(n * 1_000));
        stream.end();
        return textOf(stream);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => `s${n}: ${n * 10_000}`));
    client.close();
    await server.closed;
  });

  it('holds back the writer of a stream that is not read', async () => {
    const taken = Promise.withResolvers<SpdyStream>();
    const { client } = pair((stream) => taken.resolve(stream));
    const stream = client.open({});
    let written = 0;
    const writing = (async () => {
      for (; written < 20_000_000; written += 10_000) {
        if (!stream.write(Buffer.alloc(10_000))) await once(stream, 'drain');
      }
      stream.end();
    })();
    const theirs = await taken.promise;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(1_000_000);
    let read = 0;
    for await (const bytes of theirs) read += (bytes as Buffer).length;
    await writing;
    expect(read).toBe(20_000_000);
    client.close();
  });

  it('tells a reset to the other side, and ends all streams when the wire is cut', async () => {
    const taken: SpdyStream[] = [];
    const { client, wire } = pair((stream) => taken.push(stream));
    const one = client.open({});
    const two = client.open({});
    while (taken.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const reset = closeOf(taken[0]!);
    one.destroy();
    await reset;
    const cut = [closeOf(two), closeOf(taken[1]!)];
    wire.destroy();
    await Promise.all(cut);
  });

  it('is refused when the other side does not speak the protocol', async () => {
    const [left, right] = duplexPair();
    const session = new SpdySession(right, { role: 'server' });
    left.write('GET / HTTP/1.1\r\n\r\n');
    await expect(session.closed).rejects.toThrow(/frame of|version/);
  });

  it('takes any bytes without an exception of another kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const [left, right] = duplexPair();
        const session = new SpdySession(right, { role: 'server', onStream: (stream) => stream.resume() });
        left.end(Buffer.from(bytes));
        left.resume();
        await session.closed.catch((error: unknown) => {
          if ((error as Error).name !== 'SpdyError') throw error;
        });
      }),
      { numRuns: 100 },
    );
  });

  it('reads frames however they are cut', async () => {
    const [left, right] = duplexPair();
    const writing = new SpdySession(left, { role: 'client' });
    const stream = writing.open({ a: 'b' });
    stream.write('hello');
    stream.end();
    const frames: string[] = [];
    const cut = (async function* () {
      for await (const bytes of right) for (const byte of bytes as Buffer) yield Buffer.of(byte);
    })();
    for await (const frame of readFrames(cut as never)) {
      frames.push(frame.kind === 'data' ? `data ${frame.bytes.toString()} ${frame.fin}` : `control ${frame.type}`);
      if (frames.length === 3) break;
    }
    expect(frames).toEqual(['control 1', 'data hello false', 'data  true']);
  });
});
