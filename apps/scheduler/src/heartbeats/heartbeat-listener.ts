/**
 * Hears the agents' heartbeats on core NATS, from when it is made until it is closed. Times are performance.now(): monotonic, so a
 * jump of the wall clock means nothing. A heartbeat that cannot be read is logged once per cluster and ignored.
 */
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { type Heartbeat, heartbeatSchema, heartbeatSubject } from '@skyflow/contracts';
import { type Heartbeats, hear, startListening } from '@skyflow/domain';
import type { Logger } from '@skyflow/service';
import type { HeartbeatSource } from '../active/active-options.js';

export class HeartbeatListener implements HeartbeatSource {
  readonly heartbeats: Heartbeats = startListening(performance.now());
  onHeard: (heartbeat: Heartbeat) => void = () => undefined;
  private readonly subscription: Subscription;
  private readonly complained = new Set<string>();

  constructor(
    nats: NatsConnection,
    private readonly logger: Logger,
  ) {
    this.subscription = nats.subscribe(heartbeatSubject('*'), {
      callback: (error, message) => {
        if (error === null) this.take(message.subject, message.string());
        else this.logger.warn({ err: error }, 'cannot hear heartbeats');
      },
    });
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  private take(subject: string, text: string): void {
    const heartbeat = read(text);
    if (heartbeat === undefined) {
      if (!this.complained.has(subject))
        this.logger.warn({ subject }, 'heartbeat cannot be read; its agent runs another version');
      this.complained.add(subject);
      return;
    }
    hear(this.heartbeats, heartbeat, performance.now());
    this.onHeard(heartbeat);
  }
}

function read(text: string): Heartbeat | undefined {
  try {
    const result = heartbeatSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
