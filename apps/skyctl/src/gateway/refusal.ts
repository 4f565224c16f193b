/** What went wrong between skyctl and the gateway, as a person reads it, with the exit code that scripts read. */
import { ANNOTATION_ALLOW_MOVES } from '@skyflow/contracts';
import { CliError } from '../cli/cli-error.js';
import type { CliErrorParts } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { ExitCode } from '../cli/exit-codes.js';
import type { Connection } from '../config/connection.js';

/** meta/v1 Status, as far as it is read here. */
export interface StatusBody {
  kind?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { name?: string; kind?: string; causes?: { reason?: string; field?: string; message?: string }[] };
}

/** The server understood and said no. */
export class GatewayRefusal extends CliError {
  constructor(
    readonly status: number,
    parts: CliErrorParts,
  ) {
    super(parts);
  }
}

/** The version that a watch or a page was to go on from is gone: list again. */
export const isExpired = (error: unknown): boolean => error instanceof GatewayRefusal && error.status === 410;

/** A response that says no. */
export function refusal(status: number, text: string, connection: Connection, cause?: unknown): CliError {
  const body = statusOf(text);
  if (body === undefined) {
    return new CliError({
      code: status >= 500 ? EXIT.unavailable : EXIT.failure,
      summary: `${connection.server.origin} answered ${status} with something that is not an answer of SkyFlow${excerpt(text)}`,
      hint: `is that the SkyFlow gateway? The address comes from ${connection.source}`,
      cause,
    });
  }
  return errorOfStatus(body, status, connection);
}

export function errorOfStatus(body: StatusBody, status: number, connection: Connection): GatewayRefusal {
  const causes = (body.details?.causes ?? []).map(({ field, message = '' }) =>
    field === undefined || field === '' || message.startsWith(`${field}:`) ? message : `${field}: ${message}`,
  );
  const hint = hintFor(status, body, connection);
  return new GatewayRefusal(status, {
    code: codeOf(status, body),
    summary: summaryOf(body, causes, status),
    causes,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Kubernetes puts all causes into the message as well; here each has its own line below a short first one. */
function summaryOf({ message, details, reason }: StatusBody, causes: readonly string[], status: number): string {
  const text = message ?? reason ?? `the server answered ${status}`;
  if (causes.length === 0) return oneLine(text);
  const end = text.indexOf(' is invalid');
  if (end > 0) return oneLine(text.slice(0, end + ' is invalid'.length));
  const cut = causes[0] === undefined ? -1 : text.indexOf(causes[0]);
  return oneLine(cut > 0 ? text.slice(0, cut).replace(/[:\s[]+$/, '') : (details?.name ?? text) && text);
}

function codeOf(status: number, { reason }: StatusBody): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.conflict;
  if (status === 504 || reason === 'Timeout') return EXIT.timeout;
  if (status === 429 || status === 502 || status === 503) return EXIT.unavailable;
  return status >= 400 && status < 500 ? EXIT.refused : EXIT.failure;
}

function hintFor(
  status: number,
  { reason, message = '', details }: StatusBody,
  { token, source, context }: Connection,
): string | undefined {
  // A login that failed says itself what to do.
  if (status === 401 && message.includes('password')) return undefined;
  if (status === 401) {
    return token === undefined
      ? 'log in with "skyctl login", or give --token or SKYFLOW_TOKEN'
      : `the token in use is not valid here; log in again with "skyctl login${context?.oidcIssuer === undefined ? '' : ' --oidc'}" (the server comes from ${source})`;
  }
  // A quota that is full, an invite that was used: no role would help, and the message says what does.
  if (status === 403 && message.includes('missing verb'))
    return '"skyctl auth whoami" shows your roles; ask somebody who may to do it, or to give you the right';
  if (details?.causes?.some(({ field }) => field === `metadata.annotations[${ANNOTATION_ALLOW_MOVES}]`)) {
    return /^cluster/i.test(details.kind ?? '')
      ? 'to do it all the same: "skyctl cluster delete" (which drains first), "skyctl cluster taint", apply, patch and edit take --force'
      : 'to do it all the same: apply, create, patch and edit take --force';
  }
  if (reason === 'Conflict') return 'look at it again and repeat the command';
  if (status === 503 || status === 429) return 'try again in a moment';
  return undefined;
}

export function unreachable(error: Error, { server, source }: Connection): CliError {
  if (error instanceof CliError) return error;
  const why = WHY[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message;
  return new CliError({
    code: EXIT.unavailable,
    summary: `cannot reach the SkyFlow server at ${server.origin}: ${why}`,
    hint: `the address comes from ${source}; start SkyFlow with "npm run up", or name another server with --server`,
    cause: error,
  });
}

const UNKNOWN_AUTHORITY =
  'its certificate is signed by an authority that is not known here; name it with --certificate-authority FILE';

const WHY: Record<string, string> = {
  ECONNREFUSED: 'connection refused, nothing listens there',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to that host',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS there; is it http:// rather than https://?',
};

export const timedOut = (timeoutMs: number, { server }: Connection): CliError =>
  new CliError({
    code: EXIT.timeout,
    summary: `no answer from ${server.origin} within ${timeoutMs / 1_000} s`,
    hint: 'give it longer with --request-timeout 2m',
  });

function statusOf(text: string): StatusBody | undefined {
  try {
    const body = JSON.parse(text) as StatusBody | null;
    return typeof body === 'object' && (body?.kind === 'Status' || typeof body?.message === 'string')
      ? body
      : undefined;
  } catch {
    // Not JSON: the caller says what came instead.
    return undefined;
  }
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' ').trim();

const excerpt = (text: string): string => (text.trim() === '' ? '' : `: ${oneLine(text).slice(0, 80)}`);
