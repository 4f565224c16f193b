/** Headers of every answer that tell browsers to be careful with it. No CORS header is ever sent: other sites' scripts stay out. */
import type { ServerResponse } from 'node:http';

const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";
/** A year, in seconds. */
const STRICT_TRANSPORT = 'max-age=31536000';

/** @param strict there is HTTPS only, and will be. */
export function setSecurityHeaders(response: ServerResponse, path: string, strict: boolean): void {
  response.setHeader('x-content-type-options', 'nosniff');
  // The documentation page and the console have policies of their own.
  if (!/^\/(docs|console)(\/|$)/.test(path)) response.setHeader('content-security-policy', DATA_POLICY);
  if (strict) response.setHeader('strict-transport-security', STRICT_TRANSPORT);
}
