/**
 * Loopback addresses for pods, unique in this process: 127.A.x.y with A from the options or from the process id, so that
 * several SkyFlows on one machine seldom meet. An address is given out again as late as possible.
 */
export class PodAddressPool {
  /** The first two octets. */
  readonly prefix: string;
  readonly #used = new Set<number>();
  #next = 1;

  /** @param octet second octet, 1 to 254. */
  constructor(octet: number) {
    this.prefix = `127.${octet}`;
  }

  /** @throws Error when all 64 k are taken. */
  take(): string {
    for (let tries = 0; tries < 65_000; tries++) {
      const host = this.#next;
      this.#next = this.#next >= 65_000 ? 1 : this.#next + 1;
      const last = host & 255;
      if (last === 0 || last === 255 || this.#used.has(host)) continue;
      this.#used.add(host);
      return `${this.prefix}.${host >> 8}.${last}`;
    }
    throw new Error(`no pod address is left in ${this.prefix}.0.0/16; delete pods or start another process`);
  }

  give(address: string): void {
    const [, , third, fourth] = address.split('.').map(Number);
    this.#used.delete(((third ?? 0) << 8) + (fourth ?? 0));
  }
}
