/**
 * Whether a namespace's quotas let an object be written, as Kubernetes' admission decides it: only what is more than before is looked
 * at, so what is over its quota can still be made smaller. Decided with the command, against everything before it in the log: of two
 * gateways that write at once one decides again.
 */
import type { ResourceList, StoredObject } from '@skyflow/contracts';
import { isRecord, recordsIn } from '../../resources/pod-fields.js';
import type { ObjectRecord, WorkloadFacts } from '../object-record.js';
import type { ObjectsState } from '../objects-state.js';
import { heldPods } from '../object-writes.js';
import type { Rejection } from '../rejection.js';
import { workloadFacts } from '../workload-facts.js';
import type { QuotaClaims } from './quota-claims.js';
import { type Measure, amountText, limitOf, measureOf, mustBeSaid } from './quota-names.js';
import { isOfType, quotaSpecOf, usedOf } from './quota-usage.js';
import { chargedPods, hasEnded, wantedPods } from './usage-book.js';

export const QUOTA = 'ResourceQuota';

const PODS: Measure = { of: 'pods' };

/** What an object counts for each measure. */
type Counted = (measure: Measure) => number;

/** The refusal, or what the object takes beyond what `old` took, by name of the quotas: nothing where there are none. */
export function quotaVerdict(
  state: ObjectsState,
  object: StoredObject,
  old: ObjectRecord | undefined,
  claims: QuotaClaims,
): Rejection | ResourceList {
  const { namespace = '' } = object.metadata;
  if (namespace === '' || state.table.count(QUOTA, namespace) === 0) return {};
  const after = counted(object, old);
  const before = countedBefore(old);
  const more: ResourceList = {};
  for (const quota of state.table.ordered(QUOTA, namespace)) {
    const { hard = {} } = quotaSpecOf(quota);
    const grows = Object.keys(hard).flatMap((name) => {
      const measure = measureOf(name) ?? { of: 'nothing' };
      const growth = after(measure) - before(measure);
      return growth > 0 ? [{ name, growth, used: usedOf(state, namespace, name) + claims.of(namespace, name) }] : [];
    });
    const unsaid = unsaidIn(object.spec, Object.keys(hard));
    if (unsaid !== undefined && after(PODS) > 0 && (after(PODS) > before(PODS) || wasSaid(old, unsaid, hard))) {
      return refusal(`failed quota: ${quota.name}: ${unsaid}`);
    }
    const over = grows.filter(({ name, growth, used }) => used + growth > limitOf(name, hard[name] ?? 0));
    if (over.length > 0) {
      const list = (text: (each: (typeof over)[number]) => string): string =>
        over.map((each) => `${each.name}=${text(each)}`).join(',');
      return refusal(
        `exceeded quota: ${quota.name}, requested: ${list(({ name, growth }) => amountText(name, growth))}, ` +
          `used: ${list(({ name, used }) => amountText(name, used))}, limited: ${list(({ name }) => String(hard[name]))}; ` +
          `ask for less, or delete something in namespace "${namespace}"`,
      );
    }
    for (const { name, growth } of grows) more[name] = growth;
  }
  return more;
}

const refusal = (message: string): Rejection => ({ rejected: 'QUOTA_EXCEEDED', message });

function counted(object: StoredObject, old: ObjectRecord | undefined): Counted {
  const facts = workloadFacts(object);
  const isOver = old?.workload !== undefined && hasEnded(old.workload);
  return countedAs(facts === undefined || isOver ? 0 : wantedPods(facts), facts, object.kind, () => object);
}

function countedBefore(old: ObjectRecord | undefined): Counted {
  if (old === undefined) return () => 0;
  return countedAs(
    chargedPods(old, heldPods(old)),
    old.workload?.facts,
    old.kind,
    () => JSON.parse(old.body) as unknown,
  );
}

/** @param read the object, which is looked into only where its type counts. */
function countedAs(
  pods: number,
  facts: Pick<WorkloadFacts, 'requests' | 'limits'> | undefined,
  kind: string,
  read: () => unknown,
): Counted {
  return (measure) => {
    switch (measure.of) {
      case 'pods':
        return pods;
      case 'requests':
      case 'limits':
        return pods * (facts?.[measure.of][measure.resource] ?? 0);
      case 'objects':
        return kind === measure.kind && (measure.only === undefined || isOfType(read(), measure.only)) ? 1 : 0;
      case 'nothing':
        return 0;
    }
  };
}

/** Whether the old object did say what the new one does not. */
function wasSaid(old: ObjectRecord | undefined, unsaid: string, hard: object): boolean {
  if (old === undefined) return true;
  return unsaidIn((JSON.parse(old.body) as { spec?: unknown }).spec, Object.keys(hard)) !== unsaid;
}

/** `must specify limits.cpu for: main` */
function unsaidIn(spec: unknown, names: readonly string[]): string | undefined {
  const template = isRecord(spec) && isRecord(spec.template) ? spec.template : {};
  const pod = isRecord(template.spec) ? template.spec : undefined;
  if (pod === undefined) return undefined;
  const unsaid = names.flatMap((name) => {
    const measure = measureOf(name);
    if (measure === undefined || !mustBeSaid(measure) || says(pod, measure)) return [];
    const silent = [...recordsIn(pod.initContainers), ...recordsIn(pod.containers)].filter(
      (each) => !says(each, measure),
    );
    return silent.length === 0 ? [] : [`${name} for: ${silent.map((each) => String(each.name)).join(',')}`];
  });
  return unsaid.length === 0 ? undefined : `must specify ${unsaid.join('; ')}`;
}

/** A limit stands in for a request. */
function says({ resources }: Record<string, unknown>, { of, resource }: { of: string; resource: string }): boolean {
  if (!isRecord(resources)) return false;
  const { requests, limits } = resources;
  if (isRecord(limits) && limits[resource] !== undefined) return true;
  return of === 'requests' && isRecord(requests) && requests[resource] !== undefined;
}
