/** Names that SkyFlow puts on native objects, and rules for names of its own. */

/** On every native object that SkyFlow makes; its agent touches nothing without it. */
export const LABEL_MANAGED_BY = 'skyflow.io/managed-by';
export const MANAGED_BY = 'skyflow';
/** uid of the SkyFlow workload. */
export const LABEL_WORKLOAD_UID = 'skyflow.io/workload-uid';
/** Name and kind of the SkyFlow workload, for people and for `kubectl -l`. */
export const LABEL_WORKLOAD_NAME = 'skyflow.io/workload-name';
export const LABEL_WORKLOAD_KIND = 'skyflow.io/workload-kind';

/** Position of the decision that made the native object ("nothing runs twice": a checker counts these). */
export const ANNOTATION_DECISION = 'skyflow.io/decision';
export const ANNOTATION_GENERATION = 'skyflow.io/generation';
/** Epoch of the scheduler that decided it. Agents refuse work of an older one. */
export const ANNOTATION_EPOCH = 'skyflow.io/epoch';
/** Hash of the desired object, to see drift and to skip what is already applied. */
export const ANNOTATION_SPEC_HASH = 'skyflow.io/spec-hash';

/** Server-side-apply field manager of the agent. */
export const FIELD_MANAGER = 'skyflow-agent';

/** RFC 1123 label: what clusters, namespaces and workloads may be called. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
export const isDnsLabel = (name: string): boolean => DNS_LABEL.test(name);
