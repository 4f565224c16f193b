/**
 * A lane: a TLS connection between two gateways that carries one connection at a time. The opener writes a route, the taker an answer,
 * then both write data until each has written its end; after that the lane is free for the next. What does not end like this is reset:
 * the lane is given up, and so is what it carried. TCP holds the writer back when the reader is slow.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { GATEWAY_VERDICTS } from '@skyflow/contracts';
import { z } from 'zod';
import type { Limits } from '../limits.js';
import { type Answer, type Asked, type Carriage, NoPathError, type Refusal, type Route } from '../route.js';
import { FRAME, frameHeader, FrameReader, MOST_DATA_BYTES } from './frames.js';

/** What is longer is written beside its header, not behind it in one copy. */
const COPIED_BYTES = 4 * 1024;
/** TLS gives what came in records of at most 16 KiB; one that is so full seldom comes alone, and a write for each is what costs most. */
const GATHERED_BYTES = 8 * 1024;
/** A lane that the path has lost without a word is found by TCP, though nothing is carried. */
const TCP_KEEPALIVE_MS = 10_000;

const text = z.string().max(1_024);
const routeSchema = z.object({
  service: text,
  port: text,
  pod: text,
  client: text.optional(),
  probe: z.boolean().optional(),
});
const answerSchema = z.object({ verdict: z.enum(GATEWAY_VERDICTS), detail: z.string().optional() });

export interface LaneOptions {
  limits: Pick<Limits, 'laneBytes'>;
  /** It is free again. */
  onIdle: (lane: Lane) => void;
  /** The peer opens a connection on it. */
  onAsked: (lane: Lane, asked: Asked) => void;
  onClosed: (lane: Lane, why: string) => void;
}

interface Carried {
  socket: Socket;
  /** Each waits for the other's `drain`. */
  isSocketHeld: boolean;
  /** What comes in this turn of the event loop is written at its end, at once. */
  isGathering: boolean;
}

export class Lane {
  private readonly reader = new FrameReader({
    route: (line) => this.gotRoute(line),
    answer: (line) => this.gotAnswer(line),
    data: (part) => this.gotData(part),
    end: () => this.gotEnd(),
  });
  private state: 'idle' | 'asking' | 'asked' | 'carrying' = 'idle';
  private answered: ((answer: Answer | NoPathError | 'ended') => void) | undefined;
  private carried: Carried | undefined;
  private isProbe = false;
  /** Came with the answer, before there was a socket to write it to. */
  private early: Buffer[] = [];
  private ended = { here: false, there: false };
  private isRetired = false;
  private why = 'it was ended';

  constructor(
    private readonly socket: TLSSocket,
    private readonly options: LaneOptions,
  ) {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    socket.on('data', (chunk: Buffer) => this.got(chunk));
    socket.on('drain', () => this.drained());
    socket.on('error', (error: Error) => (this.why = error.message));
    socket.once('end', () => this.destroy('the peer ended it'));
    socket.once('close', () => this.closed());
  }

  get isIdle(): boolean {
    return this.state === 'idle';
  }

  /**
   * Asks for a connection.
   *
   * @returns 'ended': the lane ended before an answer came, and nothing of the client's was sent: it may be tried another way.
   * @throws NoPathError there was no answer in time.
   */
  async ask(route: Route, answerMs: number): Promise<Answer | 'ended'> {
    if (this.state !== 'idle' || this.socket.destroyed) return 'ended';
    this.state = 'asking';
    this.isProbe = route.probe === true;
    const answer = await new Promise<Answer | NoPathError | 'ended'>((resolve) => {
      const timer = setTimeout(() => {
        resolve(new NoPathError(`no answer within ${answerMs} ms`));
        this.destroy('no answer to a route');
      }, answerMs);
      this.answered = (how) => {
        clearTimeout(timer);
        this.answered = undefined;
        resolve(how);
      };
      this.send(FRAME.route, Buffer.from(JSON.stringify(route)));
    });
    if (answer instanceof NoPathError) throw answer;
    return answer;
  }

  /** Ends when it has nothing more to carry. */
  retire(why: string): void {
    this.isRetired = true;
    if (this.state === 'idle') this.destroy(why);
  }

  destroy(why: string): void {
    if (this.socket.destroyed) return;
    this.why = why;
    this.socket.destroy();
  }

  private got(chunk: Buffer): void {
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.destroy((error as Error).message);
    }
  }

  private gotRoute(line: string): void {
    if (this.state !== 'idle') throw new Error('the peer opened a connection on a lane that carries one');
    const route = routeSchema.parse(JSON.parse(line));
    this.state = 'asked';
    this.isProbe = route.probe === true;
    const { socket } = this;
    this.options.onAsked(this, {
      route,
      get isGone() {
        return socket.destroyed;
      },
      refuse: (refusal) => this.refuse(refusal),
      accept: () => this.accept(),
    });
  }

  private refuse({ verdict, detail }: Refusal): void {
    this.send(FRAME.answer, Buffer.from(JSON.stringify({ verdict, detail })));
    this.becomeIdle();
  }

  private accept(): Carriage {
    this.send(FRAME.answer, ANSWER_OK);
    return this.accepted();
  }

  private gotAnswer(line: string): void {
    if (this.state !== 'asking') throw new Error('the peer answered what was not asked');
    // Whoever does not say OK in words has not said it.
    const { verdict, detail = verdict } = answerSchema.parse(JSON.parse(line));
    const { answered } = this;
    if (verdict === 'OK') answered?.({ carriage: this.accepted() });
    else {
      this.becomeIdle();
      answered?.({ verdict, detail });
    }
  }

  private accepted(): Carriage {
    if (this.isProbe) {
      this.becomeIdle();
      return NOTHING;
    }
    this.state = 'carrying';
    this.ended = { here: false, there: false };
    return { carry: (socket) => this.carry(socket), drop: () => this.destroy('the client has gone') };
  }

  private carry(socket: Socket): Promise<void> {
    if (this.socket.destroyed) {
      socket.resetAndDestroy();
      return Promise.resolve();
    }
    const carried: Carried = { socket, isSocketHeld: false, isGathering: false };
    this.carried = carried;
    const isCarried = (): boolean => this.carried === carried;
    return new Promise((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        if (!isCarried() || this.send(FRAME.data, chunk)) return;
        carried.isSocketHeld = true;
        socket.pause();
      });
      socket.once('end', () => {
        if (isCarried()) this.sendEnd();
      });
      socket.on('drain', () => {
        if (isCarried()) this.socket.resume();
      });
      socket.once('error', () => {
        if (isCarried()) this.destroy('an end of what it carried was reset');
      });
      socket.once('close', () => {
        if (isCarried()) this.destroy('an end of what it carried has gone');
        resolve();
      });
      const { early } = this;
      this.early = [];
      for (const part of early) this.gotData(part);
      if (this.ended.there) socket.end();
      socket.resume();
    });
  }

  private gotData(part: Buffer): void {
    if (this.state !== 'carrying') throw new Error('the peer sent data that belongs to no connection');
    const { carried } = this;
    if (carried === undefined) {
      this.early.push(part);
      return;
    }
    const { socket } = carried;
    if (part.length >= GATHERED_BYTES && !carried.isGathering) {
      carried.isGathering = true;
      socket.cork();
      setImmediate(() => {
        carried.isGathering = false;
        socket.uncork();
      });
    }
    if (!socket.write(part) && socket.writableLength >= this.options.limits.laneBytes) this.socket.pause();
  }

  private gotEnd(): void {
    if (this.state !== 'carrying') throw new Error('the peer ended what had not begun');
    this.ended.there = true;
    this.carried?.socket.end();
    this.finish();
  }

  private sendEnd(): void {
    this.ended.here = true;
    this.send(FRAME.end, NO_BYTES);
    this.finish();
  }

  /** Both have ended: what the socket still has to write is its own affair, and the lane is free. */
  private finish(): void {
    if (!this.ended.here || !this.ended.there) return;
    this.carried = undefined;
    this.socket.resume();
    this.becomeIdle();
  }

  private becomeIdle(): void {
    this.state = 'idle';
    if (this.socket.destroyed) return;
    if (this.isRetired) this.socket.end();
    else this.options.onIdle(this);
  }

  /** False: enough waits to be sent. */
  private send(kind: number, payload: Buffer): boolean {
    const { socket } = this;
    if (socket.destroyed) return true;
    if (payload.length > MOST_DATA_BYTES) {
      this.send(kind, payload.subarray(0, MOST_DATA_BYTES));
      return this.send(kind, payload.subarray(MOST_DATA_BYTES));
    }
    const header = frameHeader(kind, payload.length);
    if (payload.length <= COPIED_BYTES) return this.hasRoom(socket.write(Buffer.concat([header, payload])));
    socket.cork();
    socket.write(header);
    const isBelowMark = socket.write(payload);
    socket.uncork();
    return this.hasRoom(isBelowMark);
  }

  /** `drain` comes only after a write that said no. */
  private hasRoom(isBelowMark: boolean): boolean {
    return isBelowMark || this.socket.writableLength < this.options.limits.laneBytes;
  }

  private drained(): void {
    const { carried } = this;
    if (carried?.isSocketHeld !== true) return;
    carried.isSocketHeld = false;
    carried.socket.resume();
  }

  private closed(): void {
    const { carried } = this;
    this.carried = undefined;
    carried?.socket.resetAndDestroy();
    this.answered?.('ended');
    this.options.onClosed(this, this.why);
  }
}

const NO_BYTES = Buffer.alloc(0);
const ANSWER_OK = Buffer.from(JSON.stringify({ verdict: 'OK' }));
const NOTHING: Carriage = { carry: () => Promise.resolve(), drop: () => undefined };
