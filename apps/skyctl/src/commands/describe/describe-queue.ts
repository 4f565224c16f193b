/** A queue for people: its entitlement, its use, the queues below it, and the first of those that wait in it. */
import type { Job, Queue } from '@skyflow/contracts';
import { DEPLOYMENT, JOB, QUEUE } from '../../gateway/kinds.js';
import { listObjects } from '../../gateway/listing.js';
import { ageOf } from '../../output/age.js';
import { amountLines } from '../../output/queue-view.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';
import { fields, section } from './describe-object.js';

/** Most workloads that are named. */
const NAMED = 20;

export async function describeQueue(session: Session, queue: Queue): Promise<string[]> {
  const { spec, status, metadata } = queue;
  const nowMs = Date.now();
  const { withinQueue = 'LowerPriority', reclaim = 'LowerPriority' } = spec.preemption ?? {};
  const waiting = status?.waiting ?? 0;
  const since = status?.oldestWaitingSince;
  return [
    fields([
      ['Weight', String(spec.weight ?? 1)],
      ['Parent', spec.parent ?? '<none>'],
      ['Children', (await childrenOf(session, metadata.name)).join(', ') || '<none>'],
      ['Preemption', `within the queue: ${withinQueue}, from other queues: ${reclaim}`],
      ['Used', amountLines(status?.used).join('\n')],
      ['Borrowed', amountLines(status?.borrowed).join('\n')],
      ['Running', String(status?.admitted ?? 0)],
      ['Waiting', since === undefined ? String(waiting) : `${String(waiting)}, the oldest for ${ageOf(since, nowMs)}`],
    ]),
    ...quotaSection(queue),
    ...(await waitingSection(session, metadata.name, waiting)),
  ];
}

function quotaSection({ spec }: Queue): string[] {
  if (spec.quotas === undefined || spec.quotas.length === 0) return [];
  const rows = spec.quotas.map(({ resource, nominal, borrowingLimit = 'no limit', lendingLimit = 'all of it' }) => [
    resource,
    String(nominal),
    String(borrowingLimit),
    String(lendingLimit),
  ]);
  return section('Quotas', renderTable({ columns: ['Resource', 'Nominal', 'May borrow', 'May lend'], rows }));
}

async function childrenOf(session: Session, name: string): Promise<string[]> {
  const { items } = await listObjects(await session.gateway(), QUEUE, {});
  return items.filter(({ object }) => (object as Queue).spec.parent === name).map(({ object }) => object.metadata.name);
}

/** In the order in which they are looked at. */
async function waitingSection(session: Session, name: string, count: number): Promise<string[]> {
  if (count === 0) return [];
  const gateway = await session.gateway();
  const query = { fieldSelector: `spec.queue=${name},status.phase=PENDING` };
  const lists = await Promise.all([JOB, DEPLOYMENT].map((kind) => listObjects(gateway, kind, query)));
  const waiting = lists
    .flatMap(({ items }) => items.map(({ object }) => object as Job))
    .filter(({ status }) => status?.queue?.place !== undefined)
    .sort((a, b) => (a.status?.queue?.place ?? 0) - (b.status?.queue?.place ?? 0));
  const rows = waiting
    .slice(0, NAMED)
    .map(({ kind, metadata, status }) => [
      String(status?.queue?.place ?? ''),
      `${kind.toLowerCase()}/${metadata.name}`,
      metadata.namespace ?? '',
      String(status?.queue?.priority ?? 0),
      status?.reason ?? '',
    ]);
  const more = waiting.length > NAMED ? [`  and ${String(waiting.length - NAMED)} more`] : [];
  const columns = ['Place', 'Workload', 'Namespace', 'Priority', 'Reason'];
  return [...section('Waiting', renderTable({ columns, rows })), ...more];
}
