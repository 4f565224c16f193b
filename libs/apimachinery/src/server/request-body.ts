/**
 * Reading and decoding bodies. A body over the limit is refused as soon as that is known; text is decoded once; broken JSON
 * and YAML are reported with the place; nesting is bounded before anything recurses into it.
 */
import type { IncomingMessage } from 'node:http';
import { LineCounter, parseAllDocuments } from 'yaml';
import { badRequest } from '../api/errors.js';
import { StatusError } from '../api/status-error.js';
import { decodeProtobuf, PROTOBUF_TYPE } from '../protobuf/decode.js';
import { describeJsonError } from './json-error.js';

export interface BodyLimits {
  /** Default 3 MiB. */
  bodyBytes: number;
  /** Default 100. */
  nestingDepth: number;
}

/** @throws StatusError 413, 415 when compressed, and 400 when the client goes away. */
export async function readBody(request: IncomingMessage, { bodyBytes }: BodyLimits): Promise<Buffer> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      `content-encoding "${encoding}" is not supported; send the body uncompressed`,
    );
  }
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw tooLarge(bodyBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytes) {
        request.removeAllListeners('data').pause();
        reject(tooLarge(bodyBytes));
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', (error) => reject(badRequest(`the body could not be read: ${error.message}`)));
    request.on('close', () => {
      if (!request.complete) reject(badRequest('the connection was closed before the body was complete'));
    });
  });
}

/** The media type without parameters; JSON when there is none. */
export function contentType(request: IncomingMessage): string {
  const header = request.headers['content-type'];
  if (header === undefined || header === 'application/json') return 'application/json';
  const semicolon = header.indexOf(';');
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}

/** Media types of objects. */
export const OBJECT_TYPES: readonly string[] = ['application/json', 'application/yaml', PROTOBUF_TYPE];

/**
 * The object in the body; undefined for an empty one.
 * @throws StatusError 400, 413, 415
 */
export async function readObject(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  const type = contentType(request);
  if (!OBJECT_TYPES.includes(type)) throw unsupportedType(type, OBJECT_TYPES);
  const raw = await readBody(request, limits);
  if (type === PROTOBUF_TYPE) return decodeProtobuf(raw);
  return type === 'application/json' ? decodeJson(raw, limits) : decodeYaml(raw, limits);
}

export function unsupportedType(type: string, accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${type}) - accepted media types include: ${accepted.join(', ')}`,
  );
}

/**
 * Undefined for an empty body.
 * @throws StatusError 400
 */
export function decodeJson(body: Buffer, { nestingDepth }: BodyLimits): unknown {
  if (body.length === 0) return undefined;
  if (deeperThan(body, nestingDepth)) throw tooDeep(nestingDepth);
  const text = body.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest(`the body is not JSON: ${describeJsonError(text)}`);
  }
}

/**
 * Undefined for an empty body.
 * @throws StatusError 400 with line and column.
 */
export function decodeYaml(body: Buffer, limits: BodyLimits): unknown {
  const text = body.toString('utf8');
  const first = /\S/.exec(text)?.[0];
  if (first === undefined) return undefined;
  // JSON is YAML; its own parser is faster and says more.
  if (first === '{' || first === '[') return decodeJson(body, limits);
  if (deeperThan(body, limits.nestingDepth)) throw tooDeep(limits.nestingDepth);
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, stringKeys: true });
  if (!Array.isArray(documents)) return undefined;
  for (const document of documents) {
    const [error] = document.errors;
    if (error === undefined) continue;
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const excerpt = text.split('\n')[line - 1]?.trim().slice(0, 80) ?? '';
    throw badRequest(`the body is not YAML: line ${line}, column ${col}: ${error.message}: ${JSON.stringify(excerpt)}`);
  }
  const filled = documents.filter((document) => document.contents !== null);
  if (filled.length > 1) {
    throw badRequest(`the body has ${filled.length} YAML documents; send one object per request, or a List`);
  }
  try {
    const value: unknown = filled[0]?.toJS({ maxAliasCount: 100 });
    if (deeperThan(Buffer.from(JSON.stringify(value ?? null)), limits.nestingDepth)) throw tooDeep(limits.nestingDepth);
    return value;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`the body is not usable YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tooLarge(limit: number): StatusError {
  const message = `Request entity too large: limit is ${limit} bytes; split the request, or keep large data outside the API`;
  return new StatusError(413, 'RequestEntityTooLarge', message);
}

function tooDeep(limit: number): StatusError {
  return badRequest(`the body is nested deeper than ${limit} levels, which no object needs`);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Of a body that another has parsed: level by level, so that depth costs no stack. @throws StatusError 400 */
export function assertNesting(body: unknown, { nestingDepth }: Pick<BodyLimits, 'nestingDepth'>): void {
  let level = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > nestingDepth) throw tooDeep(nestingDepth);
    const parents = level.filter((each) => typeof each === 'object' && each !== null);
    level = parents.flatMap((each): unknown[] => (Array.isArray(each) ? each : Object.values(each)));
  }
}

/** Whether brackets outside of strings nest deeper. One pass over the bytes. */
function deeperThan(body: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
