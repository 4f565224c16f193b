/**
 * Quarantine of ports where they are served: the log frees a port at a time of its own, and an agent that was away may learn of the
 * old service's end and of the new one's beginning at once. A port goes to another service only when this gateway has not
 * served the old one for the whole quarantine.
 */
import type { GatewayListener } from '@skyflow/contracts';
import { QUARANTINE_MS } from '@skyflow/domain';

export class PortHolds {
  private readonly served = new Map<number, { owner: string; lastMs: number }>();

  /** Those that may be served now. */
  admit(listeners: readonly GatewayListener[], nowMs: number): GatewayListener[] {
    return listeners.filter((listener) => {
      const owner = JSON.stringify([listener.service, listener.servicePort, listener.peer]);
      const before = this.served.get(listener.port);
      if (before !== undefined && before.owner !== owner && nowMs - before.lastMs < QUARANTINE_MS) return false;
      this.served.set(listener.port, { owner, lastMs: nowMs });
      return true;
    });
  }
}
