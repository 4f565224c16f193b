/** What the API's refusal of an object means: for the user, and for when it is worth another attempt. */
import type { Obstacle } from '@skyflow/domain';
import type { KubeApiError } from '@skyflow/kube-client';

export interface Refusal {
  /** In the API's own words. FAILED: someone must change the workload. PENDING: it may be lifted on the cluster. */
  obstacle: Obstacle;
  /** Absent: this assignment is not tried again. */
  retryAfterMs?: number;
}

/** Quota, permissions, a namespace on its way out: these come and go. */
const MAY_PASS_MS = 2_000;
/** Policies of the cluster change now and then. */
const POLICY_MS = 60_000;
/** The object itself is wrong, whoever looks at it. */
const WRONG = new Set([400, 413, 422]);

/** Of server-side apply, with status 500: the cluster's version of Kubernetes does not have a field. Seen on 1.36. */
const UNKNOWN_FIELD = /^failed to create typed patch object .*field not declared in schema/s;

/** Undefined for what is no refusal of the object: conflicts and throttling. */
export function refusalOf(error: KubeApiError): Refusal | undefined {
  const { code, message } = error;
  if (error.reason === 'Conflict' || code === 429) return undefined;
  if (UNKNOWN_FIELD.test(message)) return { obstacle: { phase: 'FAILED', reason: 'UnknownField', message } };
  const isPolicy = /^admission webhook |ValidatingAdmissionPolicy /.test(message);
  const reason = isPolicy ? 'AdmissionDenied' : error.reason;
  const obstacle: Obstacle = { phase: WRONG.has(code) ? 'FAILED' : 'PENDING', reason, message };
  if (isPolicy) return { obstacle, retryAfterMs: POLICY_MS };
  return WRONG.has(code) ? { obstacle } : { obstacle, retryAfterMs: error.retryAfterMs ?? MAY_PASS_MS };
}
