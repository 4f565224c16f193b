/**
 * What a workload says about waiting: its queue, its priority, its gang, whether it would rather wait than pay. Many workloads
 * share their terms, so they are kept once. Read leniently: a fold must not throw on a log that another version wrote.
 */
import { DEFAULT_QUEUE, type StoredObject, SYSTEM_PRIORITIES } from '@skyflow/contracts';
import { isRecord, podSpecOf } from '../pod-spec.js';

export interface GangTerms {
  /** `<namespace>/<name>`; '': the workload alone. */
  name: string;
  size: number;
  /** All of it on one cluster. */
  together: boolean;
}

export interface WaitTerms {
  policy: 'Constant' | 'RunTime' | 'Resource' | 'Compute';
  seconds: number;
  factor: number;
  resource: string;
  maxSeconds: number;
}

export interface QueueTerms {
  key: string;
  queue: string;
  priorityClass: string | undefined;
  priority: number;
  /** Waits rather than displaces others. */
  neverDisplaces: boolean;
  gang: GangTerms | undefined;
  wait: WaitTerms | undefined;
  /** 0: not known. */
  runSeconds: number;
  /** Workloads with these terms, and how many of them are being deleted. */
  users: number;
  going: number;
}

export interface PriorityClassRecord {
  uid: string;
  value: number;
  globalDefault: boolean;
  neverDisplaces: boolean;
}

type TermsData = Omit<QueueTerms, 'key' | 'users' | 'going'>;

/** Terms of a workload that says nothing of them. */
export const PLAIN_TERMS: QueueTerms = Object.freeze({
  key: '',
  queue: DEFAULT_QUEUE,
  priorityClass: undefined,
  priority: 0,
  neverDisplaces: false,
  gang: undefined,
  wait: undefined,
  runSeconds: 0,
  users: 0,
  going: 0,
});

/** The terms with this content, shared by all workloads that have it. */
export function internTerms(known: Map<string, QueueTerms>, data: TermsData | undefined): QueueTerms {
  if (data === undefined) return PLAIN_TERMS;
  const key = JSON.stringify(data);
  let terms = known.get(key);
  if (terms === undefined) {
    terms = { ...data, key, users: 0, going: 0 };
    known.set(key, terms);
  }
  terms.users++;
  return terms;
}

/** A workload with these terms is being deleted. */
export function noteGoing(terms: QueueTerms): void {
  if (terms !== PLAIN_TERMS) terms.going++;
}

/** @param going whether the workload was being deleted. */
export function releaseTerms(known: Map<string, QueueTerms>, terms: QueueTerms, going: boolean): void {
  if (terms === PLAIN_TERMS) return;
  terms.users--;
  if (going) terms.going--;
  if (terms.users === 0) known.delete(terms.key);
}

/**
 * The terms of a workload object; undefined for one that says nothing of them. As in Kubernetes the value of its priority class is
 * taken when it is written: `before` are the terms that it has, for a class that is gone meanwhile.
 */
export function termsOf(
  object: StoredObject,
  classes: ReadonlyMap<string, PriorityClassRecord>,
  before: QueueTerms | undefined,
): TermsData | undefined {
  const spec = isRecord(object.spec) ? object.spec : {};
  const className = priorityClassOf(object);
  const priority = priorityBy(className, classes, before);
  const gang = gangOf(spec.gang, object.metadata.namespace ?? '');
  const wait = waitOf(spec.waiting);
  const queue = typeof spec.queue === 'string' && spec.queue !== '' ? spec.queue : DEFAULT_QUEUE;
  const { value, neverDisplaces } = priority;
  if (queue === DEFAULT_QUEUE && value === 0 && !neverDisplaces && gang === undefined && wait === undefined) {
    return undefined;
  }
  const runSeconds = positive(spec.expectedRunSeconds) ?? positive(spec.activeDeadlineSeconds) ?? 0;
  return { queue, priorityClass: className, priority: value, neverDisplaces, gang, wait, runSeconds };
}

/** `priorityClassName` of the pod template. */
export function priorityClassOf(object: StoredObject): string | undefined {
  const name = (podSpecOf(object) as { priorityClassName?: unknown }).priorityClassName;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function priorityBy(
  className: string | undefined,
  classes: ReadonlyMap<string, PriorityClassRecord>,
  before: QueueTerms | undefined,
): { value: number; neverDisplaces: boolean } {
  if (className === undefined) {
    const defaults = [...classes.values()].filter(({ globalDefault }) => globalDefault);
    // Kubernetes takes the lowest if there should be several.
    return defaults.sort((a, b) => a.value - b.value)[0] ?? { value: 0, neverDisplaces: false };
  }
  const system = SYSTEM_PRIORITIES[className];
  if (system !== undefined) return { value: system, neverDisplaces: false };
  const known = classes.get(className);
  if (known !== undefined) return known;
  return before?.priorityClass === className
    ? { value: before.priority, neverDisplaces: before.neverDisplaces }
    : { value: 0, neverDisplaces: false };
}

function gangOf(value: unknown, namespace: string): GangTerms | undefined {
  if (!isRecord(value)) return undefined;
  const named = typeof value.name === 'string' && value.name !== '';
  return {
    name: named ? `${namespace}/${String(value.name)}` : '',
    size: named ? Math.max(1, Math.floor(positive(value.size) ?? 1)) : 1,
    together: value.within === 'Cluster',
  };
}

function waitOf(value: unknown): WaitTerms | undefined {
  if (!isRecord(value)) return undefined;
  const { policy } = value;
  if (policy !== 'Constant' && policy !== 'RunTime' && policy !== 'Resource' && policy !== 'Compute') return undefined;
  return {
    policy,
    seconds: positive(value.seconds) ?? 0,
    factor: positive(value.factor) ?? 1,
    resource: typeof value.resource === 'string' && value.resource !== '' ? value.resource : 'cpu',
    maxSeconds: positive(value.maxSeconds) ?? Number.MAX_SAFE_INTEGER,
  };
}

const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
