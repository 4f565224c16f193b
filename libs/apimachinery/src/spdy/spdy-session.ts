/**
 * A SPDY/3.1 session over any byte stream, as Kubernetes uses it for port-forward and for exec to kubelets.
 *
 * Promised: streams are Duplexes with back-pressure: what is written waits for the transport, and a stream that is not read
 * holds back the session (its other streams too) instead of filling memory. When the transport ends, so do all streams.
 */
import type { Duplex } from 'node:stream';
import { CANCEL, FLAG_FIN, TYPE, controlFrame, dataFrame, readFrames, words, type SpdyFrame } from './frames.js';
import { HeaderReader, HeaderWriter, type SpdyHeaders } from './header-block.js';
import { SpdyError } from './spdy-error.js';
import { SpdyStream, type StreamHost } from './spdy-stream.js';

export interface SpdySessionOptions {
  /** Clients open streams of odd numbers, servers of even ones. */
  role: 'client' | 'server';
  /** A stream that the other side opened. */
  onStream?: (stream: SpdyStream) => void;
}

export class SpdySession {
  /** Resolves when the session is over; rejects when the other side broke the rules. */
  readonly closed: Promise<void>;
  private readonly writer = new HeaderWriter();
  private readonly reader = new HeaderReader();
  private readonly streams = new Map<number, SpdyStream>();
  private readonly host: StreamHost;
  private nextId: number;
  private lastTaken = 0;

  constructor(
    private readonly transport: Duplex,
    private readonly options: SpdySessionOptions,
  ) {
    this.nextId = options.role === 'client' ? 1 : 2;
    this.host = {
      sendData: (stream, bytes, fin) => this.send(dataFrame(stream, bytes, fin)),
      reset: (stream) => this.tell(controlFrame(TYPE.reset, 0, words(stream, CANCEL))),
      forget: (stream) => this.streams.delete(stream),
    };
    this.closed = this.serve();
    this.closed.catch(() => undefined);
  }

  /** @throws SpdyError when the session is over */
  open(headers: SpdyHeaders): SpdyStream {
    if (this.transport.destroyed) throw new SpdyError('the session is over');
    const id = this.nextId;
    this.nextId += 2;
    const stream = new SpdyStream(id, valuesOf(headers), this.host);
    this.streams.set(id, stream);
    // No associated stream; priority 0, slot 0.
    this.tell(controlFrame(TYPE.synStream, 0, words(id, 0), Buffer.alloc(2), this.writer.write(headers)));
    return stream;
  }

  /** Says goodbye, and ends every stream. */
  close(): void {
    this.tell(controlFrame(TYPE.goAway, 0, words(this.lastTaken, 0)));
    this.finish(undefined);
    this.transport.end();
  }

  private async serve(): Promise<void> {
    let why: string | undefined = 'the connection ended';
    try {
      for await (const frame of readFrames(this.transport)) {
        if (frame.kind === 'control' && frame.type === TYPE.goAway) why = undefined;
        else await this.take(frame);
      }
    } catch (error) {
      if (error instanceof SpdyError) throw error;
      // The transport broke: an end like any other for whoever speaks over it.
    } finally {
      this.finish(why);
      this.reader.close();
      this.transport.destroy();
    }
  }

  private async take(frame: SpdyFrame): Promise<void> {
    if (frame.kind === 'data') {
      const stream = this.streams.get(frame.stream);
      if (stream !== undefined) await stream.receive(frame.bytes, frame.fin);
      else if (!frame.fin) this.host.reset(frame.stream);
      return;
    }
    const { body, type } = frame;
    if (type === TYPE.ping) {
      this.answerPing(body);
      return;
    }
    const isAboutStream =
      type === TYPE.synStream || type === TYPE.synReply || type === TYPE.reset || type === TYPE.headers;
    if (!isAboutStream) return;
    if (body.length < 4) throw new SpdyError('a control frame is cut off');
    const id = body.readUInt32BE(0) & 0x7fff_ffff;
    if (type === TYPE.reset) this.streams.get(id)?.fail('the other side reset the stream');
    else if (type === TYPE.synStream) await this.accept(id, body, frame.flags);
    // Replies and later headers say nothing that is needed; their blocks must be read, for they share one compression.
    else await this.reader.read(body.subarray(4));
  }

  private async accept(id: number, body: Buffer, flags: number): Promise<void> {
    if (body.length < 10) throw new SpdyError('a control frame is cut off');
    const headers = await this.reader.read(body.subarray(10));
    if (this.streams.has(id)) throw new SpdyError(`stream ${id} was opened twice`);
    this.lastTaken = id;
    const stream = new SpdyStream(id, headers, this.host);
    this.streams.set(id, stream);
    if (this.options.onStream === undefined) {
      stream.destroy();
      return;
    }
    this.tell(controlFrame(TYPE.synReply, 0, words(id), this.writer.write({})));
    this.options.onStream(stream);
    if ((flags & FLAG_FIN) !== 0) await stream.receive(Buffer.alloc(0), true);
  }

  /** The other side's pings have the numbers that are not ours. */
  private answerPing(body: Buffer): void {
    if (body.length < 4) throw new SpdyError('a control frame is cut off');
    const isOurs = (body.readUInt32BE(0) & 1) === (this.options.role === 'client' ? 1 : 0);
    if (!isOurs) this.tell(controlFrame(TYPE.ping, 0, body.subarray(0, 4)));
  }

  private finish(why: string | undefined): void {
    for (const stream of [...this.streams.values()]) stream.fail(why);
    this.streams.clear();
  }

  private tell(frame: Buffer): void {
    if (this.transport.writable) this.transport.write(frame);
  }

  private send(frame: Buffer): Promise<void> {
    const { transport } = this;
    return new Promise((resolve, reject) => {
      if (!transport.writable) reject(new SpdyError('the session is over'));
      else
        transport.write(frame, (error) => {
          if (error === undefined || error === null) resolve();
          else reject(error);
        });
    });
  }
}

const valuesOf = (headers: SpdyHeaders): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  );
