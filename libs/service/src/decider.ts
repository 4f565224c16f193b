/**
 * What every deciding service does around its decisions: open the log, fold it (also as a standby), hold the lease of its role,
 * start an epoch, act while the lease is held, and say how it is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { decisionSubject, type Decider, type RawEntry, entryVersion } from '@skyflow/contracts';
import {
  FileSnapshotStore,
  JetStreamEventLog,
  Leases,
  Projection,
  SubjectWriter,
  type EventLog,
  type Fold,
  type Lease,
} from '@skyflow/event-log';
import type { z } from 'zod';
import { logMetrics, timeAppends } from './log-metrics.js';
import { openPersistently } from './persistent-open.js';
import { announcePresence } from './presence.js';
import { logReplicas, type ServiceContext } from './service-context.js';

export interface DeciderOptions<S, E extends z.ZodRawShape> {
  context: ServiceContext<E>;
  role: Decider;
  fold: Fold<S>;
  /** Subjects to fold; absent: the whole log. */
  subjects?: readonly string[];
  /** See SubjectWriterOptions. */
  sharesEntries?: boolean;
}

/** The parts of a running decider. */
export interface DeciderParts<S> {
  log: EventLog;
  projection: Projection<S>;
  /** Appends to the role's own subject. */
  writer: SubjectWriter;
  /** Whether this instance holds the lease. */
  isActive(): boolean;
  /**
   * Runs `act` whenever the lease is held, after `EpochStarted` is in the log; `signal` aborts when the lease is lost or the service
   * stops. An `act` that ends or throws gives the lease back, so that a standby can take over. Resolves when the service stops.
   */
  runWhileActive(act: (lease: Lease, signal: AbortSignal) => Promise<void>): Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** A turn of decisions is one message where the server takes one so large: one write to disk, and all of it or nothing. */
const DEFAULT_PAYLOAD_BYTES = 1024 * 1024;
const ENVELOPE_ROOM_BYTES = 64 * 1024;

/** Opens the log and folds it; resolves when caught up. */
export async function startDecider<S, E extends z.ZodRawShape>(
  options: DeciderOptions<S, E>,
): Promise<DeciderParts<S>> {
  const { context, role, fold, subjects, sharesEntries = false } = options;
  const { logger, environment } = context;
  const log = await openPersistently(context, 'log', () =>
    JetStreamEventLog.open({
      connection: context.nats,
      timeAppend: timeAppends(context.metrics),
      ...logReplicas(environment),
    }),
  );
  context.onStop('log', () => log.close());
  const leases = await openPersistently(context, 'leases', () =>
    Leases.open({ connection: context.nats, ...logReplicas(environment) }),
  );
  const directory = environment.SKYFLOW_SNAPSHOT_DIR;
  const projection = new Projection({
    log,
    fold,
    ...(subjects === undefined ? {} : { subjects }),
    ...(directory === undefined ? {} : { snapshots: { store: new FileSnapshotStore(directory) } }),
  });
  context.onStop('projection', () => projection.close());
  logMetrics(context.metrics, projection);
  context.health.check('fold', () =>
    projection.caughtUp ? undefined : `folding the log, at sequence ${projection.seq}`,
  );
  let active = false;
  context.health.tell('foldedSeq', () => projection.seq);
  context.health.tell('active', () => active);
  await projection.start();
  projection.done.catch((error: unknown) => {
    logger.fatal({ err: error }, 'cannot fold the log any further');
    context.stop('fold ended', 1);
  });
  const writer = new SubjectWriter({
    log,
    subject: decisionSubject(role),
    writer: `${context.name}/${context.instance}`,
    state: projection,
    sharesEntries,
    maxBytes: (context.nats.info?.max_payload ?? DEFAULT_PAYLOAD_BYTES) - ENVELOPE_ROOM_BYTES,
  });
  context.onStop('writer', () => writer.close());
  announcePresence(context, () => ({ active, foldedSeq: projection.seq }));

  const hold = async (act: (lease: Lease, signal: AbortSignal) => Promise<void>): Promise<void> => {
    const lease = await leases.acquire(role, context.instance, context.stopping);
    const signal = AbortSignal.any([lease.lost, context.stopping]);
    try {
      await writer.submit(() => ({ entries: [epochStarted(context.instance, lease.epoch)], result: undefined }));
      active = true;
      logger.info({ role, epoch: lease.epoch }, 'active');
      await act(lease, signal);
    } finally {
      active = false;
      await lease.release();
    }
  };

  return {
    log,
    projection,
    writer,
    isActive: () => active,
    runWhileActive: async (act) => {
      const isStopping = (): boolean => context.stopping.aborted;
      let pauseMs = FIRST_PAUSE_MS;
      while (!isStopping()) {
        const since = performance.now();
        try {
          await hold(act);
        } catch (error) {
          if (isStopping()) return;
          logger.warn({ err: error, role }, 'not active any more; trying again');
        }
        if (performance.now() - since > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
        await pause(pauseMs * (0.5 + Math.random()), undefined, { signal: context.stopping }).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    },
  };
}

const epochStarted = (holder: string, epoch: number): RawEntry => ({
  type: 'EpochStarted',
  v: entryVersion('EpochStarted'),
  at: Date.now(),
  actor: 'system',
  corr: `epoch-${epoch}`,
  data: { epoch, holder },
});

/** Resolves when the signal aborts: an `act` that has nothing of its own to do. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
