/** Writing answers: JSON or YAML, warnings, Status errors. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { stringify } from 'yaml';
import { StatusError } from '../api/status-error.js';
import type { Representation } from './media-type.js';

const WARNINGS_MAX_BYTES = 4096;

export interface Answer {
  code: number;
  /** An object to be serialised, or JSON text. */
  body: unknown;
  isText?: boolean;
  warnings?: readonly string[];
  /** Default application/json or application/yaml. */
  contentType?: string;
}

export function send(response: ServerResponse, answer: Answer, representation?: Representation, pretty = false): void {
  if (response.headersSent || response.destroyed) return;
  const yaml = representation?.format === 'yaml';
  let text: string;
  if (answer.isText === true && !yaml) text = answer.body as string;
  else {
    const body: unknown = answer.isText === true ? JSON.parse(answer.body as string) : answer.body;
    text = yaml ? stringify(body, { aliasDuplicateObjects: false }) : JSON.stringify(body, undefined, pretty ? 2 : 0);
  }
  const headers: Record<string, string | number | string[]> = {
    'content-type': yaml ? 'application/yaml' : (answer.contentType ?? 'application/json'),
    'cache-control': 'no-cache, private',
    'content-length': Buffer.byteLength(text),
  };
  if (answer.warnings !== undefined && answer.warnings.length > 0) headers.warning = warningHeaders(answer.warnings);
  response.writeHead(answer.code, headers);
  response.end(text);
}

export function sendError(response: ServerResponse, error: StatusError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const retryAfter = error.details?.retryAfterSeconds;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  send(response, { code: error.code, body: error.toBody() });
}

/** How long a client may go on sending a body that was refused. */
const LINGER_MS = 1000;

/**
 * Refuses a request whose body was not read. A connection that is closed while the client still sends is reset, and the answer
 * lost; so the answer goes out at once, and what the client sends is thrown away for a while before the connection is closed.
 */
export function refuseUnread(request: IncomingMessage, response: ServerResponse, error: StatusError): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(error.toBody());
  response.writeHead(error.code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.write(text);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  request.once('end', end).once('close', end).resume();
}

/** An HTTP answer on a socket that was to be upgraded. */
export function refuseUpgrade(socket: Duplex, error: StatusError): void {
  if (socket.destroyed || !socket.writable) return;
  const body = JSON.stringify(error.toBody());
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code] ?? 'Error'}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** RFC 7234 warnings, as Kubernetes sends them: code 299, no agent. */
export function warningHeaders(warnings: readonly string[]): string[] {
  const headers: string[] = [];
  let size = 0;
  for (const warning of new Set(warnings)) {
    const safe = warning.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
    size += safe.length;
    if (size > WARNINGS_MAX_BYTES) break;
    headers.push(`299 - "${safe}"`);
  }
  return headers;
}

/** Any error as the Status that the client sees. */
export function toStatusError(error: unknown, requestId: string): { status: StatusError; unexpected: boolean } {
  if (error instanceof StatusError) return { status: error, unexpected: false };
  const message = `Internal error occurred; the server's log has the cause under request id ${requestId}`;
  return { status: new StatusError(500, 'InternalError', message), unexpected: true };
}
