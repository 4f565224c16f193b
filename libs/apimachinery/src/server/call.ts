/** One request to a resource, as the verbs see it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../store/resource-store.js';
import type { Representation } from './media-type.js';
import type { ResourcePath } from './request-info.js';
import type { ServerLimits } from './server-options.js';
import type { TextCache } from './watch-stream.js';

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  path: ResourcePath;
  resource: Resource;
  context: RequestContext;
  representation: Representation;
  limits: ServerLimits;
  texts: TextCache;
  /** Responses of the watches that are open. */
  watches: Set<ServerResponse>;
  nowMs: () => number;
  /** Aborts when the server closes. */
  closing: AbortSignal;
  onError: (error: unknown) => void;
}
