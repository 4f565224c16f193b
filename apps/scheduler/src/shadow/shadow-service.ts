/** Runs a shadow: follows the log from where it begins, shows its counts on the health page, answers for its report. */
import { type StoredObject, shadowReportSubject } from '@skyflow/contracts';
import { objectsFold, storedObjectOf } from '@skyflow/domain';
import { type EventLog, JetStreamEventLog, Projection, loadCheckpoint } from '@skyflow/event-log';
import { type ServiceContext, openPersistently } from '@skyflow/service';
import { shadowConfiguration } from './shadow-configuration.js';
import { Shadow } from './shadow-scheduler.js';

/** @param file with the configuration that it decides with; undefined: that of the log. */
export async function startShadow(context: ServiceContext, file: string | undefined): Promise<void> {
  const { logger, health, metrics, nats } = context;
  const other = file === undefined ? undefined : { from: file, configuration: await shadowConfiguration(file) };
  const log = await openPersistently(context, 'log', () => JetStreamEventLog.open({ connection: nats, create: false }));
  context.onStop('log', () => log.close());
  const shadow = new Shadow(logger, () => clustersAtCheckpoint(log), other);
  shadow.observe(metrics.meter);
  const projection = new Projection({ log, fold: shadow.fold });
  context.onStop('projection', () => projection.close());
  health.check('fold', () =>
    projection.caughtUp ? undefined : `deciding the log again, at sequence ${projection.seq}`,
  );
  health.tell('shadow', () => true);
  health.tell('foldedSeq', () => projection.seq);
  health.tell('comparesFrom', () => shadow.report.from);
  health.tell('decisions', () => shadow.report.decisions);
  health.tell('differences', () => shadow.report.differences);
  projection.done.catch((error: unknown) => {
    logger.fatal({ err: error }, 'cannot follow the log any further');
    context.stop('fold ended', 1);
  });
  await projection.start();
  const asked = nats.subscribe(shadowReportSubject(), {
    callback: (error, message) => {
      if (error === null) message.respond(JSON.stringify({ seq: projection.seq, ...shadow.report }));
      else logger.warn({ err: error }, 'cannot hear requests');
    },
  });
  context.onStop('shadow', () => asked.unsubscribe());
  logger.info({ decisions: shadow.report.decisions, differences: shadow.report.differences }, 'shadowing');
}

/** As the objects' part of the checkpoint has them: the scheduler's own part has what it made of them. */
async function clustersAtCheckpoint(log: EventLog): Promise<StoredObject[]> {
  const loaded = await loadCheckpoint(objectsFold, log, undefined);
  return [...(loaded?.state.table.all() ?? [])].filter(({ kind }) => kind === 'Cluster').map(storedObjectOf);
}
