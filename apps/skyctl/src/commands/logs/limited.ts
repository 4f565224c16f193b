/** `--limit-bytes`: an output that ends the program, well, once so much was written. */
import { EXIT } from '../../cli/exit-codes.js';
import type { OutputStream } from '../../output/terminal.js';

/** @param most undefined: no limit */
export function limited(sink: OutputStream, most: number | undefined): OutputStream {
  if (most === undefined) return sink;
  let left = most;
  const write = sink.write.bind(sink);
  return Object.assign(Object.create(sink) as OutputStream, {
    write: (chunk: string | Uint8Array): unknown => {
      const bytes = Buffer.from(chunk as string);
      const taken = bytes.subarray(0, left);
      left -= taken.length;
      const result = write(taken);
      if (left === 0) (sink as NodeJS.WriteStream).end(() => process.exit(EXIT.ok));
      return result;
    },
  });
}
