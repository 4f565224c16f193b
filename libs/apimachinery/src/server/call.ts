/** One request to a resource, as the verbs see it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Resource } from '../registry/resource.js';
import type { RequestContext, Visible } from '../store/resource-store.js';
import type { OpenStreams } from './open-streams.js';
import type { Representation } from './media-type.js';
import type { ResourcePath } from './request-info.js';
import type { EndStream, ServerLimits } from './server-options.js';
import type { TextCache } from './watch-stream.js';

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  path: ResourcePath;
  resource: Resource;
  context: RequestContext;
  /** Of a collection, what the asker may see; absent: everything. */
  visible?: Visible;
  representation: Representation;
  limits: ServerLimits;
  texts: TextCache;
  streams: OpenStreams;
  /** To be called before it stays open; returns what to call when it is over. @throws StatusError 429 */
  keepOpen: (end: EndStream) => () => void;
  nowMs: () => number;
  onError: (error: unknown) => void;
}
