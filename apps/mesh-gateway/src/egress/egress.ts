/**
 * The virtual endpoints of a gateway, kept as the configuration has them. A new one listens before the configuration is answered, so before any
 * rule names it. A removed one accepts connections for `lingerMs` more: kube-proxy still sends clients to it until its rules have followed.
 */
import type { GatewayListener, GatewayProbeAnswer, GatewayStatus } from '@skyflow/contracts';
import type { Limits } from '../limits.js';
import { openRoute, RouteRefusedError } from './open-route.js';
import { VirtualEndpoint, type VirtualEndpointOptions } from './virtual-endpoint.js';

export class Egress {
  private readonly endpoints = new Map<string, VirtualEndpoint>();
  /** Removed ones that still accept, by the timer that ends that. */
  private readonly lingering = new Map<string, NodeJS.Timeout>();
  private wanted = new Map<string, GatewayListener>();
  private readonly failures = new Map<string, string>();
  private applying: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly options: VirtualEndpointOptions,
    private readonly limits: Limits,
  ) {}

  /** Connections of clients here, from the moment that they are accepted. */
  get open(): number {
    return [...this.endpoints.values()].reduce((sum, each) => sum + each.open, 0);
  }

  get failed(): GatewayStatus['failed'] {
    return [...this.failures].flatMap(([key, message]) => {
      const listener = this.wanted.get(key);
      return listener === undefined ? [] : [{ address: listener.address, port: listener.port, message }];
    });
  }

  /** Resolves when everything listens that can. */
  configure(listeners: readonly GatewayListener[]): Promise<void> {
    this.wanted = new Map(listeners.map((each) => [keyOf(each), each]));
    return this.apply();
  }

  /** Goes the way of a connection, up to the pod, and takes nothing along. */
  async probe(address: string, port: number): Promise<GatewayProbeAnswer> {
    const startedAt = performance.now();
    const answer = (verdict: GatewayProbeAnswer['verdict'], message: string): GatewayProbeAnswer => ({
      verdict,
      ms: performance.now() - startedAt,
      message,
    });
    const endpoint = this.endpoints.get(keyOf({ address, port }));
    if (endpoint === undefined) {
      return answer('NO_PATH', this.failures.get(keyOf({ address, port })) ?? `nothing listens on ${address}:${port}`);
    }
    const { listener } = endpoint;
    const { answerMs } = this.limits;
    try {
      const [pod = ''] = listener.pods;
      await openRoute(this.options.link(listener.peer), { listener, pod, probe: true, answerMs });
      return answer('OK', `the gateway of ${listener.peer} connected to the pod`);
    } catch (error) {
      if (error instanceof RouteRefusedError) return answer(error.verdict, error.message);
      throw error;
    }
  }

  /** No new connections; resolves when none is left or the time is over. */
  retire(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    for (const timer of this.lingering.values()) clearTimeout(timer);
    for (const endpoint of this.endpoints.values()) endpoint.retire();
  }

  async close(): Promise<void> {
    this.retire();
    await Promise.all([...this.endpoints.values()].map((endpoint) => endpoint.close()));
  }

  /** The address has left the configuration, but not the rules yet. */
  private linger(key: string): void {
    if (this.lingering.has(key)) return;
    const end = (): void => {
      this.lingering.delete(key);
      this.endpoints.get(key)?.retire();
      this.endpoints.delete(key);
    };
    this.lingering.set(key, setTimeout(end, this.limits.lingerMs));
  }

  private apply(): Promise<void> {
    this.applying = this.applying.then(() => this.applyNow());
    return this.applying;
  }

  private async applyNow(): Promise<void> {
    if (this.isClosed) return;
    clearTimeout(this.timer);
    for (const key of this.endpoints.keys()) if (!this.wanted.has(key)) this.linger(key);
    this.failures.clear();
    await Promise.all(
      [...this.wanted].map(async ([key, listener]) => {
        const there = this.endpoints.get(key);
        if (there !== undefined) {
          clearTimeout(this.lingering.get(key));
          this.lingering.delete(key);
          there.listener = listener;
          return;
        }
        try {
          this.endpoints.set(key, await VirtualEndpoint.listen(listener, this.options));
        } catch (error) {
          this.failures.set(key, (error as Error).message);
        }
      }),
    );
    if (this.failures.size > 0) this.timer = setTimeout(() => void this.apply(), this.limits.relistenMs);
  }
}

const keyOf = ({ address, port }: { address: string; port: number }): string => `${address} ${port}`;
