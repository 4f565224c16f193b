/**
 * Frames of a byte stream over core NATS: one type byte, then the body. Core NATS delivers at most once, so frames of the
 * sender are numbered: a gap is an error, never a hole in the bytes.
 *
 * From the serving side to the client's inbox, each with `reply` = the server's control subject:
 *   opened [JSON]          the handler took the request; bytes will follow; what it says of them first, if anything
 *   data   <u32 n> bytes   frame n of the stream, n = 0, 1, …
 *   end    <u32 n>         nothing follows frame n - 1
 *   error  JSON            {code, message}: refused, or failed half-way
 *   alive                  nothing to say, still here
 *   credit <f64 bytes>     how many bytes the client may have sent in all, if it said that it will send some
 * From the client to the control subject, each with `reply` = its inbox:
 *   credit <f64 bytes>     how many bytes the server may have sent in all since the beginning; also the client's sign of life
 *   data, end              bytes of the client, and that no more of them follow; the stream itself goes on
 *   cancel                 the client wants no more
 *
 * Credit is a total, so a lost credit frame is healed by the next. Every frame names a reply subject: when the other side is
 * gone, nats-server itself answers 503 there at once (no responders).
 */
const FRAME = { opened: 1, data: 2, end: 3, error: 4, alive: 5, credit: 6, cancel: 7 } as const;

export type Frame =
  | { type: 'alive' | 'cancel' }
  | { type: 'opened'; head?: unknown }
  | { type: 'data'; index: number; bytes: Uint8Array }
  | { type: 'end'; index: number }
  | { type: 'error'; code: string; message: string }
  | { type: 'credit'; bytes: number };

/** Most payload bytes in one data frame; nats-server's default limit is 1 MiB. */
export const CHUNK_BYTES = 128 * 1024;

export function encodeFrame(frame: Frame): Uint8Array {
  switch (frame.type) {
    case 'data': {
      const out = Buffer.allocUnsafe(5 + frame.bytes.length);
      out.writeUInt8(FRAME.data, 0);
      out.writeUInt32BE(frame.index >>> 0, 1);
      out.set(frame.bytes, 5);
      return out;
    }
    case 'end': {
      const out = Buffer.alloc(5);
      out.writeUInt8(FRAME.end, 0);
      out.writeUInt32BE(frame.index >>> 0, 1);
      return out;
    }
    case 'credit': {
      const out = Buffer.alloc(9);
      out.writeUInt8(FRAME.credit, 0);
      out.writeDoubleBE(frame.bytes, 1);
      return out;
    }
    case 'error':
      return Buffer.concat([
        Buffer.of(FRAME.error),
        Buffer.from(JSON.stringify({ code: frame.code, message: frame.message })),
      ]);
    case 'opened':
      return frame.head === undefined
        ? Buffer.of(FRAME.opened)
        : Buffer.concat([Buffer.of(FRAME.opened), Buffer.from(JSON.stringify(frame.head))]);
    case 'alive':
    case 'cancel':
      return Buffer.of(FRAME[frame.type]);
  }
}

/** Undefined for anything that is no frame. */
export function decodeFrame(payload: Uint8Array): Frame | undefined {
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  switch (view.at(0)) {
    case FRAME.opened:
      return view.length === 1 ? { type: 'opened' } : { type: 'opened', head: parse(view.toString('utf8', 1)) };
    case FRAME.alive:
      return { type: 'alive' };
    case FRAME.cancel:
      return { type: 'cancel' };
    case FRAME.data:
      return view.length < 5 ? undefined : { type: 'data', index: view.readUInt32BE(1), bytes: payload.subarray(5) };
    case FRAME.end:
      return view.length < 5 ? undefined : { type: 'end', index: view.readUInt32BE(1) };
    case FRAME.credit:
      return view.length < 9 ? undefined : { type: 'credit', bytes: view.readDoubleBE(1) };
    case FRAME.error:
      return decodeError(view.toString('utf8', 1));
    default:
      return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeError(text: string): Frame | undefined {
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    if (typeof code === 'string' && typeof message === 'string') return { type: 'error', code, message };
  } catch {
    // Not JSON: no frame of ours.
  }
  return undefined;
}
