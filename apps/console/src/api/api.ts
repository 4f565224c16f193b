/**
 * The gateway's API as the console uses it: JSON over the session's cookie. An expired token is replaced once and the request is sent
 * again; a session that is over is reported, and the page asks who one is. Every failure is an {@link ApiError} fit to be shown.
 */

/** What went wrong, in the words of the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    /** HTTP status; 0: there was no answer. */
    readonly code: number,
    /** Reason of the Status, such as NotFound. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Sent {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** An object is sent as JSON, a text as it is. */
  body?: object | string;
  contentType?: string;
  signal?: AbortSignal | undefined;
}

/** A person does not wait longer without being told. */
const ANSWER_WITHIN_MS = 30_000;

export class Api {
  private refreshing: Promise<boolean> | undefined;

  /**
   * @param onSignedOut told when the gateway does not know who asks.
   * @param renew gets the next token in another way than by asking for it here.
   */
  constructor(
    private readonly onSignedOut: () => void,
    private readonly renew: () => Promise<boolean> = () =>
      this.send('/auth/session/refresh', { method: 'POST' }).then(({ ok }) => ok),
  ) {}

  /** @throws ApiError */
  async json<T>(path: string, sent: Sent = {}): Promise<T> {
    const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const signal = sent.signal === undefined ? timeout : AbortSignal.any([sent.signal, timeout]);
    const response = await this.response(path, { ...sent, signal });
    return (await response.json()) as T;
  }

  /** @throws ApiError */
  async text(path: string, sent: Sent = {}): Promise<string> {
    return (await this.response(path, sent)).text();
  }

  /** An answer that was good; its body may go on for ever. @throws ApiError */
  async response(path: string, sent: Sent = {}): Promise<Response> {
    let response = await this.send(path, sent);
    if (response.status === 401 && (await this.refresh())) response = await this.send(path, sent);
    if (response.status === 401) this.onSignedOut();
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  /** The next token of the session. False: the session is over. Several at once are one. @throws ApiError when nobody answers */
  async refresh(): Promise<boolean> {
    this.refreshing ??= this.renew().finally(() => (this.refreshing = undefined));
    return this.refreshing;
  }

  private async send(path: string, { method = 'GET', body, contentType, signal }: Sent): Promise<Response> {
    const type = contentType ?? (typeof body === 'object' ? 'application/json' : undefined);
    try {
      return await fetch(path, {
        method,
        credentials: 'same-origin',
        headers: { accept: 'application/json', ...(type === undefined ? {} : { 'content-type': type }) },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      if (signal?.aborted === true && !isTimeout(signal.reason)) throw error;
      const what = isTimeout(signal?.reason)
        ? `the gateway has not answered within ${ANSWER_WITHIN_MS / 1000} s`
        : 'the gateway cannot be reached';
      throw new ApiError(0, 'Unreachable', `${what}; nothing is known of what was asked (${method} ${path})`);
    }
  }
}

const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { reason = '', message = text } = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiError(response.status, reason, message);
  } catch {
    // Something between us and the gateway, such as a proxy, that speaks no JSON.
    return new ApiError(response.status, response.statusText, text.slice(0, 500) || response.statusText);
  }
}

/** Whether it only means that nobody waits for the answer any more. */
export const isAborted = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
