/** Splits a byte stream into lines and parses each as JSON. A line may span any number of chunks. */

/** A stream that ended in the middle of a line, or a line that is not JSON. */
export class BrokenJsonStreamError extends Error {
  override readonly name = 'BrokenJsonStreamError';
}

const NEWLINE = 0x0a;

export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end);
      start = end + 1;
      const line = pending.length === 0 ? piece : Buffer.concat([...pending, piece]);
      pending = [];
      if (line.length > 0) yield parse(line);
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  if (pending.length > 0) throw new BrokenJsonStreamError('the stream ended in the middle of a line');
}

function parse(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
  } catch (error) {
    throw new BrokenJsonStreamError('a line of the stream is not JSON', { cause: error });
  }
}
