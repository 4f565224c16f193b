/**
 * The lanes to one peer, those on which one side opens. Whoever dials them keeps some free ones ready, so that a connection costs no
 * handshake: as many as are in use and a few more, opened one after the other in the background and closed when they are not needed
 * any more. Where none is free, connections go over a session, so that a burst is never held up by handshakes; nor do many short
 * ones take lanes, as a session writes the frames of many together.
 */
import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@skyflow/service';
import type { Limits } from '../limits.js';
import type { PeerProof } from '../peers/peer-identity.js';
import type { Asked } from '../route.js';
import { Lane } from './lane.js';

/** So many may take lanes at once; after them, one every `laneEveryMs`. */
const BURST = 16;

export interface LanePoolOptions {
  peer: string;
  limits: Limits;
  /** Opens one more. */
  dial: () => Promise<{ socket: TLSSocket; who: PeerProof }>;
  /** Whether this side dials, and the peer is there and speaks lanes. */
  mayDial: () => boolean;
  /** Where the peer is to open. */
  onAsked?: (asked: Asked) => void;
  logger: Logger;
}

interface Kept {
  certificate: X509Certificate;
  validTo: number;
}

export class LanePool {
  private readonly lanes = new Map<Lane, Kept>();
  /** The one used last is taken first, so that those not needed stay free, at the front. */
  private readonly idle: { lane: Lane; sinceMs: number }[] = [];
  private readonly stop = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private isFilling = false;
  private allowance = { lanes: BURST, atMs: performance.now() };
  private trouble: string | undefined;

  constructor(private readonly options: LanePoolOptions) {
    this.timer = setInterval(() => this.sweep(), options.limits.pingEveryMs);
  }

  get size(): number {
    return this.lanes.size;
  }

  /** One that is free, for the caller alone; none either when too many were taken of late. */
  take(): Lane | undefined {
    if (!this.isAllowed()) return undefined;
    const lane = this.idle.pop()?.lane;
    this.fill();
    return lane;
  }

  /** One that was dialled, by either side. */
  adopt(socket: TLSSocket, { certificate, validTo }: PeerProof): void {
    const { limits, onAsked, peer, logger } = this.options;
    // The peer keeps its own limit, which may be another; nobody takes any number.
    if (this.stop.signal.aborted || this.lanes.size >= 2 * limits.mostLanes) {
      logger.warn({ peer, detail: `there are ${this.lanes.size}` }, 'a lane is refused');
      socket.destroy();
      return;
    }
    const lane = new Lane(socket, {
      limits,
      onIdle: (free) => this.idle.push({ lane: free, sinceMs: performance.now() }),
      onAsked: (busy, asked) => {
        this.leaveIdle(busy);
        if (onAsked === undefined) busy.destroy('the peer opened a connection on a lane that is not for that');
        else onAsked(asked);
        this.fill();
      },
      onClosed: (gone, why) => {
        this.lanes.delete(gone);
        this.leaveIdle(gone);
        logger.debug({ peer, detail: why }, 'a lane is closed');
        this.fill();
      },
    });
    this.lanes.set(lane, { certificate, validTo });
    this.idle.push({ lane, sinceMs: performance.now() });
  }

  /** Opens what is short, in the background. */
  fill(): void {
    if (this.isFilling || !this.isShort()) return;
    this.isFilling = true;
    void this.fillUp().finally(() => (this.isFilling = false));
  }

  /** Lanes whose certificate counts no more end at once, with what they carry. */
  check(counts: (certificate: X509Certificate) => boolean): void {
    for (const [lane, { certificate }] of this.lanes)
      if (!counts(certificate)) lane.destroy('its certificate counts no more');
  }

  /** Those that are there end when they have nothing more to carry. */
  retire(why: string): void {
    for (const lane of [...this.lanes.keys()]) lane.retire(why);
  }

  /** Those that are there end, with what they carry. */
  destroy(why: string): void {
    for (const lane of [...this.lanes.keys()]) lane.destroy(why);
  }

  /** Opens and takes no more. */
  close(): void {
    this.stop.abort();
    clearInterval(this.timer);
  }

  private isAllowed(): boolean {
    const { laneEveryMs } = this.options.limits;
    const { lanes, atMs } = this.allowance;
    const nowMs = performance.now();
    const now = laneEveryMs === 0 ? BURST : Math.min(BURST, lanes + (nowMs - atMs) / laneEveryMs);
    this.allowance = { lanes: now < 1 ? now : now - 1, atMs: nowMs };
    return now >= 1;
  }

  private isShort(): boolean {
    const { limits, mayDial } = this.options;
    const { idle, lanes } = this;
    return !this.stop.signal.aborted && idle.length < limits.idleLanes && lanes.size < limits.mostLanes && mayDial();
  }

  private async fillUp(): Promise<void> {
    const { peer, dial, limits, logger } = this.options;
    const { signal } = this.stop;
    let failedMs = 0;
    while (this.isShort()) {
      try {
        const { socket, who } = await dial();
        this.adopt(socket, who);
        failedMs = 0;
        this.trouble = undefined;
      } catch (error) {
        failedMs = Math.min(Math.max(failedMs * 2, limits.redialMs.base), limits.redialMs.cap);
        const detail = (error as Error).message;
        if (detail !== this.trouble) logger.warn({ peer, detail }, 'a lane cannot be opened; sessions carry');
        this.trouble = detail;
      }
      await delay(Math.max(failedMs, limits.laneEveryMs), undefined, { signal }).catch(() => undefined);
    }
  }

  private sweep(): void {
    const { limits, mayDial } = this.options;
    const now = Date.now();
    for (const [lane, { validTo }] of this.lanes) if (now > validTo) lane.retire('its certificate has run out');
    const [longest] = this.idle;
    const isSpare = longest !== undefined && performance.now() - longest.sinceMs > limits.idleLaneMs;
    if (isSpare && this.idle.length > limits.idleLanes && mayDial()) longest.lane.retire('it is not needed');
    this.fill();
  }

  private leaveIdle(lane: Lane): void {
    const at = this.idle.findIndex((each) => each.lane === lane);
    if (at >= 0) this.idle.splice(at, 1);
  }
}
