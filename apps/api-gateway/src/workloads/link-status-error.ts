/** What an agent, or the way to it, said as a Status error. */
import { AgentLinkError } from '@skyflow/agent-link';
import { StatusError, type StatusReason } from '@skyflow/apimachinery';

/** Other errors as they are. */
export function linkStatusError(error: unknown): unknown {
  if (!(error instanceof AgentLinkError)) return error;
  const code = error.httpStatus;
  const reason: StatusReason = code === 404 ? 'NotFound' : code < 500 ? 'BadRequest' : 'ServiceUnavailable';
  return new StatusError(code, reason, error.message, code >= 500 ? { retryAfterSeconds: 2 } : undefined);
}
