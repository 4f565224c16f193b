/**
 * What can go wrong between us and a Kubernetes API: it answered with a Status (KubeApiError), or it did not answer
 * (KubeUnreachableError). An abort by the caller is neither: the signal's reason is thrown.
 */

/** meta/v1 Status, as far as it is read. */
export interface KubeStatus {
  code?: number;
  reason?: string;
  message?: string;
  details?: {
    name?: string;
    kind?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; message?: string; field?: string }[];
  };
}

/** The API refused, in its own words. */
export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  /** Kubernetes' machine-readable reason, e.g. `NotFound`, `AlreadyExists`, `Invalid`. */
  readonly reason: string;

  constructor(
    /** HTTP status. */
    readonly code: number,
    readonly status: KubeStatus,
    options?: ErrorOptions,
  ) {
    super(status.message ?? `the Kubernetes API answered with status ${code}`, options);
    this.reason = status.reason ?? 'Unknown';
  }

  /** How long the API asks us to wait. */
  get retryAfterMs(): number | undefined {
    const seconds = this.status.details?.retryAfterSeconds;
    return seconds === undefined ? undefined : seconds * 1_000;
  }
}

/** No answer, or only part of one: refused, reset, timed out, TLS trouble. `cause` has the original error. */
export class KubeUnreachableError extends Error {
  override readonly name = 'KubeUnreachableError';

  constructor(
    message: string,
    options: ErrorOptions & {
      /** The API had begun to answer: it was there, only the connection broke. */
      answered?: boolean;
    } = {},
  ) {
    super(message, options);
    this.answered = options.answered ?? false;
  }

  readonly answered: boolean;
}

export const isApiError = (error: unknown, code: number): error is KubeApiError =>
  error instanceof KubeApiError && error.code === code;

/** True for resourceVersions that the API can not serve any more (or, after it lost its state, not yet). */
export const isExpired = (error: unknown): boolean =>
  error instanceof KubeApiError &&
  (error.code === 410 ||
    error.reason === 'Expired' ||
    error.reason === 'Gone' ||
    /too large resource version/i.test(error.message));

/** The Status in an error response's body; proxies answer with anything, so its absence is no error. */
export function statusOf(code: number, body: string): KubeStatus {
  try {
    const parsed = JSON.parse(body) as KubeStatus & { kind?: string };
    if (parsed.kind === 'Status') return parsed;
  } catch {
    // Not JSON: the text itself is the best message there is.
  }
  const text = body.trim().slice(0, 500);
  return { code, message: text === '' ? `the Kubernetes API answered with status ${code}` : text };
}
