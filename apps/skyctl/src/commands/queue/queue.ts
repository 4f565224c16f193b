/** `skyctl queue`: queues, and the workloads that wait in them. */
import type { Job } from '@skyflow/contracts';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { DEPLOYMENT, JOB, QUEUE } from '../../gateway/kinds.js';
import { getObject, listObjects } from '../../gateway/listing.js';
import { ageOf } from '../../output/age.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { describe } from '../describe/describe.js';
import { get } from '../get/get.js';
import { placeOf, queueOf, waitingOf } from './waiting-order.js';

export const listQueues: CommandHandler = async (session, call) =>
  await get(session, { ...call, args: [QUEUE.plural] });

export const describeQueues: CommandHandler = async (session, call) =>
  await describe(session, { ...call, args: [QUEUE.plural, ...call.args] });

export const listWaiting: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  // One that is not there is an error, not an empty queue.
  for (const name of args) await getObject(gateway, QUEUE, undefined, name);
  const rows = (await waitingIn(session, args)).map((job) => rowOf(job));
  if (rows.length === 0) {
    session.terminal.note(args.length === 0 ? 'Nothing waits.' : `Nothing waits in ${args.join(', ')}.`);
    return EXIT.ok;
  }
  const columns = ['Queue', 'Place', 'Workload', 'Namespace', 'Priority', 'Since', 'Reason', 'Message'];
  session.terminal.line(renderTable({ columns, rows }, { headers: !flags.on('no-headers') }));
  return EXIT.ok;
};

/** In the order of queues, and in each in the order in which they are looked at. */
async function waitingIn(session: Session, queues: readonly string[]): Promise<Job[]> {
  const gateway = await session.gateway();
  const selection = { fieldSelector: 'status.phase=PENDING' };
  const lists = await Promise.all([JOB, DEPLOYMENT].map((kind) => listObjects(gateway, kind, selection)));
  return waitingOf(
    lists.flatMap(({ items }) => items.map(({ object }) => object as Job)),
    queues,
  );
}

const rowOf = (job: Job): string[] => {
  const { kind, metadata, status } = job;
  return [
    queueOf(job),
    String(placeOf(job)),
    `${kind.toLowerCase()}/${metadata.name}`,
    metadata.namespace ?? '',
    String(status?.queue?.priority ?? 0),
    ageOf(metadata.creationTimestamp, Date.now()),
    status?.reason ?? '',
    status?.message ?? '',
  ];
};
