/** Long lists to readers of all speeds, over real sockets. */
import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LineWriter } from './watch-stream.js';

const LINE = `${'y'.repeat(1_200)}\n`;

describe('lines to a reader', () => {
  let server: Server | undefined;

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(write: (writer: LineWriter) => Promise<void>): Promise<string> {
    const answer = async (response: ServerResponse): Promise<void> => {
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.flushHeaders();
      const writer = new LineWriter({ response, signal: gone.signal, slowReaderMs: 10_000 });
      await write(writer);
      writer.flush();
      response.end();
    };
    server = createServer((_request, response) => void answer(response));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async function* lines(count: number): AsyncGenerator<string> {
    const line = await Promise.resolve(LINE);
    for (let index = 0; index < count; index++) yield line;
  }

  // With `cork` such a reader was told some 15 MB and then nothing for ever.
  it('come whole when the reader is a little slower than the writer', async () => {
    const count = 25_000;
    const url = await serve(async (writer) => {
      for await (const line of lines(count)) if (!writer.write(line) && !(await writer.drained())) return;
    });
    const response = await fetch(url);
    let read = 0;
    for await (const chunk of response.body ?? []) {
      read += (chunk as Uint8Array).length;
      await pause(1);
    }
    expect(read).toBe(count * LINE.length);
  }, 60_000);

  it('leave turns to everybody else, however fast the reader is', async () => {
    let [turns, pauses] = [0, 0];
    const url = await serve(async (writer) => {
      let next = setImmediate(function count() {
        turns += 1;
        next = setImmediate(count);
      });
      for await (const line of lines(10_000)) {
        if (writer.write(line)) continue;
        pauses += 1;
        if (!(await writer.drained())) break;
      }
      clearImmediate(next);
    });
    expect((await (await fetch(url)).text()).length).toBe(10_000 * LINE.length);
    expect(pauses).toBeGreaterThan(100);
    expect(turns).toBeGreaterThanOrEqual(pauses);
  }, 60_000);
});
