/**
 * The gateway's part in a trace: a span per request, the parent of all that follows from it. A caller's own trace is joined
 * (`traceparent`, W3C Trace Context); what is no trace context is taken for absent.
 */
import { parsePath } from '@skyflow/apimachinery';
import { parseTraceparent, startSpan } from '@skyflow/telemetry';
import type { RequestHandler } from './front.js';

/** Asked every few seconds by whoever looks after the process: no action of a user. */
const HEALTH = /^\/(livez|readyz|healthz|metrics)/;

/** They change nothing: of these, which every client repeats all day, only those are traced whose caller wants it. */
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What is behind sees the trace context of the span in the place of the caller's. */
export function traced(serve: RequestHandler): RequestHandler {
  return (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const given = headers['traceparent'];
    const parent = typeof given === 'string' && parseTraceparent(given) !== undefined ? given : undefined;
    const [path = '/'] = url.split('?', 1);
    if (HEALTH.test(path) || (parent === undefined && READS.has(method))) {
      delete headers['traceparent'];
      serve(request, response);
      return;
    }
    const route = routeOf(path);
    const span = startSpan(`${method} ${route}`, {
      parent,
      kind: 'server',
      attributes: { 'http.request.method': method, 'http.route': route, 'url.path': path },
    });
    if (span.traceparent === undefined) delete headers['traceparent'];
    else headers['traceparent'] = span.traceparent;
    if (span.isRecorded) {
      response.once('close', () => {
        span.set({ 'http.response.status_code': response.statusCode });
        if (response.statusCode >= 500) span.fail(new Error(`answered with ${response.statusCode}`));
        span.end();
      });
    }
    span.run(() => serve(request, response));
  };
}

/** The path without names: spans are told apart by few names. */
export function routeOf(path: string): string {
  const parsed = parsePath(path);
  if (parsed === undefined) return '/…';
  if (parsed.kind === 'other') return `/${parsed.segments.slice(0, 2).join('/')}`;
  const { group, version, plural, namespace, name, subresource } = parsed.path;
  return [
    group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
    ...(namespace === undefined ? [] : ['namespaces', '{namespace}']),
    plural,
    ...(name === undefined ? [] : ['{name}']),
    ...(subresource === undefined ? [] : [subresource]),
  ].join('/');
}
