/**
 * What looks after old history by itself says so in the stream's metadata: how much it keeps, how often it comes and when it last did. So a
 * gateway can tell that it has stopped, though it never speaks to it.
 */
import { STREAM } from '@skyflow/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LogAge, Retention } from '../event-log.js';
import { JetStreamApi } from '../jetstream/jetstream-api.js';
import type { StreamInfo } from '../jetstream/stream-setup.js';
import { horizonOf } from './horizon.js';

const KEEP_MS = 'skyflow.io/retention-keep-ms';
const EVERY_MS = 'skyflow.io/retention-every-ms';
const RAN_AT = 'skyflow.io/retention-ran-at';

/** @param config of the stream. Undefined: nobody purges by himself. */
export function retentionIn(config: Readonly<Record<string, unknown>>): Retention | undefined {
  const { [KEEP_MS]: keepMs, [EVERY_MS]: everyMs, [RAN_AT]: ranAt } = (config.metadata ?? {}) as Record<string, string>;
  if (keepMs === undefined || everyMs === undefined || ranAt === undefined) return undefined;
  return { keepMs: Number(keepMs), everyMs: Number(everyMs), ranAt: Number(ranAt) };
}

/** Of a purged log, where it begins by its own words: commits that are kept are older. */
export async function logAge(api: JetStreamApi, stream: string, { config, state }: StreamInfo): Promise<LogAge> {
  const horizon = horizonOf(config);
  const oldest =
    horizon === undefined && state.messages > 0
      ? await api.message(stream, { seq: Math.max(1, state.first_seq), next_by_subj: '>' })
      : undefined;
  return { beginsAt: horizon?.storedAt ?? oldest?.storedAt, retention: retentionIn(config) };
}

/** @param retention undefined: from now on somebody purges by hand. @throws LogUnavailableError, JetStreamRefusal */
export async function noteRetention(
  connection: NatsConnection,
  retention: Retention | undefined,
  stream: string = STREAM,
): Promise<void> {
  const api = new JetStreamApi(connection);
  const { config } = await api.request<StreamInfo>(`STREAM.INFO.${stream}`);
  if (retention === undefined && retentionIn(config) === undefined) return;
  const {
    [KEEP_MS]: _keep,
    [EVERY_MS]: _every,
    [RAN_AT]: _ran,
    ...others
  } = (config.metadata ?? {}) as object & Record<string, string>;
  const said =
    retention === undefined
      ? {}
      : {
          [KEEP_MS]: String(retention.keepMs),
          [EVERY_MS]: String(retention.everyMs),
          [RAN_AT]: String(retention.ranAt),
        };
  await api.request(`STREAM.UPDATE.${stream}`, { ...config, metadata: { ...others, ...said } });
}
