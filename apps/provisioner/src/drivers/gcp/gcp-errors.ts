/**
 * What refusals of Compute Engine mean for us, and which of them leave open whether something was done. Reasons of answers are those of its
 * reference ("Troubleshooting API requests", google.rpc.ErrorInfo); codes in capitals are those of operations that began and were refused.
 */
import type { FailureClass } from '@skyflow/contracts';
import { ProvisionError } from '../../provision-error.js';
import { UnknownOutcomeError } from '../machine-driver.js';

/** An operation ended with an error: what it was to make is not there. */
export class OperationError extends Error {
  override readonly name = 'OperationError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Kind {
  class: FailureClass;
  codes: RegExp;
  advice: string;
}

/** Reasons that come with a status of 401 or 403 and are no lack of rights. */
const KINDS: readonly Kind[] = [
  {
    class: 'capacity',
    codes: /^((ZONE_)?RESOURCE_POOL_EXHAUSTED(_WITH_DETAILS)?|resourcePoolExhausted|UNSUPPORTED_OPERATION|stockout)$/,
    advice: 'nothing: the next offer is tried',
  },
  {
    class: 'quota',
    codes: /^(QUOTA_EXCEEDED|quotaExceeded|limitExceeded|IP_SPACE_EXHAUSTED(_WITH_DETAILS)?)$/,
    advice: 'ask Google for more under IAM & Admin, Quotas, or use another region; the next offer is tried',
  },
];

/** Refused without anything being done, by the rate of calls. */
const THROTTLED = /^(rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED|concurrentLimitExceeded)$/;
const AUTH_ADVICE =
  'give the service account the role Compute Admin in the project, or the provisioner other credentials: GOOGLE_APPLICATION_CREDENTIALS';

interface Answer {
  response?: {
    status?: number;
    data?: { error?: string | { status?: string; errors?: { reason?: string }[] }; error_description?: string };
  };
}

/** Status of the answer; undefined: there was none. */
export const statusOf = (error: unknown): number | undefined => (error as Answer).response?.status;

/** Why it was refused, in Google's words; '' if it does not say, or had no answer. */
export function codeOf(error: unknown): string {
  if (error instanceof OperationError) return error.code;
  const refusal = (error as Answer).response?.data?.error;
  // What gives out tokens speaks OAuth.
  if (typeof refusal === 'string') return refusal;
  return refusal?.errors?.[0]?.reason ?? refusal?.status ?? '';
}

/** Nothing stands against trying again: no answer, a fault of theirs, too many calls. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ProvisionError || error instanceof OperationError) return false;
  const status = statusOf(error);
  return status === undefined || status === 408 || status === 429 || status >= 500 || THROTTLED.test(codeOf(error));
}

export const isAbsent = (error: unknown): boolean => statusOf(error) === 404;
export const isThereAlready = (error: unknown): boolean => statusOf(error) === 409;

/**
 * The failure of a call that changes nothing, or may be repeated.
 * @param doing what was tried, for people: `instances.insert in europe-west1-b`.
 */
export function asFailure(error: unknown, doing: string): ProvisionError {
  if (error instanceof ProvisionError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  const code = codeOf(error);
  const [kind, advice] = kindOf(error, code);
  const line = `${code === '' ? String(statusOf(error) ?? 'no answer') : code}: ${message}`;
  return new ProvisionError(kind, `${doing}: ${message}`, advice, { line, cause: error });
}

function kindOf(error: unknown, code: string): [FailureClass, string] {
  const status = statusOf(error);
  const known = KINDS.find(({ codes }) => codes.test(code));
  if (known !== undefined) return [known.class, known.advice];
  if (status === 429 || THROTTLED.test(code)) {
    return ['network', 'nothing: Google asks for fewer calls; it is tried again'];
  }
  if (status === 401 || status === 403 || isOauth(error)) return ['auth', AUTH_ADVICE];
  if (error instanceof OperationError) return ['unknown', 'nothing: it is tried again'];
  if (status !== undefined && status < 500) {
    return ['config', 'change spec.provision.cloud, or the settings SKYFLOW_GCP_* of the provisioner'];
  }
  return ['network', 'nothing: it is tried again'];
}

const isOauth = (error: unknown): boolean => typeof (error as Answer).response?.data?.error === 'string';

/** Of a call that makes something: without an answer, or with one that Google itself does not stand by, nobody knows. */
export function asOutcome(error: unknown, doing: string): ProvisionError | UnknownOutcomeError {
  const status = statusOf(error);
  const isAnswered = error instanceof ProvisionError || error instanceof OperationError;
  if (isAnswered || (status !== undefined && status < 500)) return asFailure(error, doing);
  return new UnknownOutcomeError(`${doing} had no answer (${(error as Error).message})`, { cause: error });
}
