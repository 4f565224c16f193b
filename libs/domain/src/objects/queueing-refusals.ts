/** Refusals about queues and priorities, each with what to do. */
import {
  DEFAULT_QUEUE,
  HIGHEST_USER_PRIORITY,
  type StoredObject,
  SYSTEM_PRIORITIES,
  isWorkloadKind,
} from '@skyflow/contracts';
import type { ObjectRecord } from './object-record.js';
import type { ObjectsState } from './objects-state.js';
import { queueSpecOf } from './queue-status.js';
import type { Rejection } from './rejection.js';
import { classNameOf } from './workload-facts.js';

/** What is wrong with an object that refers to queues or priority classes, or is one. `old`: what it is to replace. */
export function queueingProblem(
  state: ObjectsState,
  object: StoredObject,
  old: ObjectRecord | undefined,
): Rejection | undefined {
  if (isWorkloadKind(object.kind)) return unknownQueue(state, object, old) ?? unknownClass(state, object, old);
  if (object.kind === 'Queue') return parentProblem(state, object);
  if (object.kind === 'PriorityClass') return classProblem(state, object, old);
  return undefined;
}

/** Why a queue must not be deleted now. */
export function queueDeletionProblem(state: ObjectsState, record: ObjectRecord): Rejection | undefined {
  if (record.kind !== 'Queue') return undefined;
  const below = [...state.table.ordered('Queue')].filter((each) => queueSpecOf(each).parent === record.name);
  if (below.length > 0) {
    const names = below.map(({ name }) => name).join(', ');
    return inUse(`queue "${record.name}" is the parent of ${names}; delete them or give them another parent first`);
  }
  const { waiting, admitted } = state.queues.figures(record.name);
  if (waiting + admitted === 0 || record.name === DEFAULT_QUEUE) return undefined;
  return inUse(
    `queue "${record.name}" has ${String(waiting)} waiting and ${String(admitted)} running workloads; move them to another queue or delete them first`,
  );
}

const inUse = (message: string): Rejection => ({ rejected: 'IN_USE', message });

function unknownQueue(state: ObjectsState, object: StoredObject, old: ObjectRecord | undefined): Rejection | undefined {
  const queue = (object.spec as { queue?: unknown } | undefined)?.queue;
  if (typeof queue !== 'string' || queue === DEFAULT_QUEUE || queue === old?.workload?.facts.queue) return undefined;
  if (state.table.get('Queue', '', queue) !== undefined) return undefined;
  const known = [...state.table.ordered('Queue')].map(({ name }) => name);
  const rest = known.length === 0 ? 'no queue has been created yet' : `the queues are: ${known.join(', ')}`;
  return {
    rejected: 'REFERENCE_NOT_FOUND',
    field: 'spec.queue',
    message: `there is no queue "${queue}"; ${rest}. Leave it out to use "${DEFAULT_QUEUE}"`,
  };
}

function unknownClass(state: ObjectsState, object: StoredObject, old: ObjectRecord | undefined): Rejection | undefined {
  const name = classNameOf(object.spec);
  if (name === undefined || SYSTEM_PRIORITIES[name] !== undefined) return undefined;
  if (name === old?.workload?.facts.priorityClass) return undefined;
  if (state.table.get('PriorityClass', '', name) !== undefined) return undefined;
  const known = [...state.table.ordered('PriorityClass')].map((record) => record.name);
  const rest = known.length === 0 ? 'none has been created yet' : `there are: ${known.join(', ')}`;
  return {
    rejected: 'REFERENCE_NOT_FOUND',
    field: 'spec.template.spec.priorityClassName',
    message: `no PriorityClass with name ${name} was found; ${rest}`,
  };
}

function parentProblem(state: ObjectsState, object: StoredObject): Rejection | undefined {
  const parent = (object.spec as { parent?: unknown } | undefined)?.parent;
  if (typeof parent !== 'string') return undefined;
  const { name } = object.metadata;
  const path = [name];
  for (let at: string | undefined = parent; at !== undefined;) {
    if (at === name) {
      const message = `queues would be their own ancestors: ${[...path, name].join(' → ')}`;
      return { rejected: 'REFERENCE_INVALID', field: 'spec.parent', message };
    }
    path.push(at);
    const record: ObjectRecord | undefined = state.table.get('Queue', '', at);
    if (record === undefined) {
      return {
        rejected: 'REFERENCE_NOT_FOUND',
        field: 'spec.parent',
        message: `there is no queue "${at}"; create it first`,
      };
    }
    at = queueSpecOf(record).parent;
  }
  return undefined;
}

function classProblem(state: ObjectsState, object: StoredObject, old: ObjectRecord | undefined): Rejection | undefined {
  const { globalDefault } = object as { globalDefault?: unknown };
  if (globalDefault !== true) return undefined;
  for (const record of state.table.ordered('PriorityClass')) {
    const { globalDefault: taken } = JSON.parse(record.body) as { globalDefault?: boolean };
    if (taken !== true || record.uid === old?.uid) continue;
    const message = `PriorityClass ${record.name} is already marked as default; only one can be`;
    return { rejected: 'REFERENCE_INVALID', field: 'globalDefault', message };
  }
  return undefined;
}

/** Value of the class that a workload names, or of the default; what it had before where its class is gone. */
export function priorityIn(state: ObjectsState, className: string | undefined, before: number): number {
  if (className === undefined) {
    let value: number | undefined;
    for (const record of state.table.ordered('PriorityClass')) {
      const body = JSON.parse(record.body) as { globalDefault?: boolean; value?: number };
      if (body.globalDefault === true) value = Math.min(value ?? HIGHEST_USER_PRIORITY, body.value ?? 0);
    }
    return value ?? 0;
  }
  const system = SYSTEM_PRIORITIES[className];
  if (system !== undefined) return system;
  const record = state.table.get('PriorityClass', '', className);
  return record === undefined ? before : ((JSON.parse(record.body) as { value?: number }).value ?? 0);
}
