/** What an {@link ApiServer} is made from, beyond its resources. */
import type { IncomingMessage } from 'node:http';
import type { ResourceDefinition } from '../api/definition.js';
import type { StatusError } from '../api/status-error.js';
import type { ApiOptions } from '../registry/api.js';
import type { SchemaSet } from '../schema/schema-set.js';
import type { ResourceStore, Visible } from '../store/resource-store.js';
import type { BodyLimits } from './request-body.js';
import type { ResourcePath } from './request-info.js';

export interface User {
  name: string;
  groups: readonly string[];
}

/** Body of /version. */
export interface VersionInfo {
  major: string;
  minor: string;
  gitVersion: string;
  [field: string]: string;
}

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  /** Subresources that are served by a connect handler. */
  | 'connect';

/** What is asked for, as authorisers, faults and metrics see it. `resource` is absent for /version, /openapi and the like. */
export interface RequestAttributes {
  requestId: string;
  user: User;
  method: string;
  /** Path without query. */
  path: string;
  verb?: Verb;
  resource?: ResourcePath;
  /** Of the resource. */
  definition?: ResourceDefinition;
}

/** `visible`: of a collection, only these objects. */
export type Decision = { allowed: true; visible?: Visible } | { allowed: false; reason?: string };

/** What to do to a request, for tests of clients. All may be combined; `delayMs` comes first. */
export interface Fault {
  delayMs?: number;
  /** Answer with this status instead of serving. */
  status?: { code: number; message: string };
  /** Cut the connection without an answer. */
  drop?: boolean;
}

/** A resource as it was. */
export interface PastReads {
  store: ResourceStore;
  /** When that was, ms since the epoch; ages are told as of then. */
  nowMs: number;
}

/** Ends an open answer; with an error that its reader is told, where there is a way to. */
export type EndStream = (why?: StatusError) => void;

export interface ApiServerOptions extends ApiOptions {
  version?: VersionInfo;
  /** Title in the OpenAPI documents. */
  title?: string;
  /** Schemas for OpenAPI, asked for at the first use: with descriptions, where `schemas` has none. Default `schemas`. */
  openApiSchemas?: () => SchemaSet;
  /** Undefined: 401. Without it everyone is system:anonymous. */
  authenticate?: (request: IncomingMessage) => Promise<User | undefined> | User | undefined;
  /** Without it everyone may do everything. */
  authorize?: (attributes: RequestAttributes) => Promise<Decision> | Decision;
  /**
   * Told of every answer that stays open (a watch, a connect subresource), with the way to end it; a watch then tells its reader why.
   * Returns what is called when it is over. @throws StatusError 429, and it is not opened
   */
  keepOpen?: (request: IncomingMessage, attributes: RequestAttributes, end: EndStream) => () => void;
  limits?: Partial<ServerLimits>;
  faults?: (attributes: RequestAttributes) => Promise<Fault | undefined> | Fault | undefined;
  /** Checks behind /livez and /readyz (and /healthz = both), by name; they throw when something is wrong. */
  health?: { livez?: HealthChecks; readyz?: HealthChecks };
  /** Serves get and list of a past state (`?at=`). Absent: the parameter means nothing. @throws StatusError 400, 410 */
  past?: (definition: ResourceDefinition, at: string) => Promise<PastReads>;
  /** Unexpected errors; the client sees only the request id. */
  onError?: (error: unknown, attributes: { requestId: string; method: string; path: string }) => void;
  /** After each answer (for a watch: at its end). */
  observe?: (attributes: RequestAttributes, outcome: { code: number; durationMs: number }) => void;
}

export type HealthChecks = Readonly<Record<string, () => Promise<void> | void>>;

export interface ServerLimits extends BodyLimits {
  /** Longest watch; a client may ask for less. Each ends up to a quarter earlier, so that not all come back at once. */
  watchMs: number;
  /** A watcher that does not read for so long is cut off. */
  slowReaderMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  bodyBytes: 3 * 1024 * 1024,
  nestingDepth: 100,
  watchMs: 60 * 60 * 1000,
  slowReaderMs: 30_000,
};

export const DEFAULT_VERSION: VersionInfo = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0+skyflow',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: `${process.platform}/${process.arch}`,
};
