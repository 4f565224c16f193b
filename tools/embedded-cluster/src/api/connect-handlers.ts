/**
 * Subresources of pods that are not plain objects: logs, evictions, bindings; and the connections of remote-command.ts and port-forward.ts.
 */
import { badRequest, type ConnectHandler, StatusError } from '@skyflow/apimachinery';
import type { ServerResponse } from 'node:http';
import type { LogRequest } from '../kubelet/pod-runtime.js';
import { isDeleting } from '../model/object-facts.js';
import type { ConnectHandlers } from './definitions.js';
import { podTarget } from './connect-target.js';
import { containerOf } from './pod-container.js';
import { portForward } from './port-forward.js';
import { attach, exec } from './remote-command.js';

const log: ConnectHandler = {
  methods: ['GET'],
  async handle({ key, query, response, store }, context) {
    const { target, pod } = podTarget(store, key);
    const container = containerOf(pod, query.get('container'));
    if (pod.spec.nodeName === undefined) {
      throw badRequest(`pod ${key.name} does not have a host assigned`);
    }
    const signal = context.signal ?? new AbortController().signal;
    const about = { namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name, container };
    const lines = target.logs(logRequest(about, query), signal);
    await streamText(lines, response);
  },
};

/** @throws StatusError 400 for a parameter that is no number */
export function logRequest(
  about: Pick<LogRequest, 'namespace' | 'pod' | 'container'>,
  query: URLSearchParams,
): LogRequest {
  const tailLines = numberOf(query, 'tailLines');
  const limitBytes = numberOf(query, 'limitBytes');
  const sinceSeconds = numberOf(query, 'sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const sinceMs =
    sinceSeconds !== undefined
      ? Date.now() - sinceSeconds * 1000
      : sinceTime === null
        ? undefined
        : Date.parse(sinceTime);
  return {
    ...about,
    previous: query.get('previous') === 'true',
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

/** @throws StatusError 400 */
function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`${name}: "${text}" is not a whole number of at least 0`);
  return Number(text);
}

/** Headers go out at the first text or at the end, so that an error before that is a proper answer. */
export async function streamText(lines: AsyncIterable<string>, response: ServerResponse): Promise<void> {
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache' });
  };
  for await (const text of lines) {
    begin();
    if (!response.write(text) && !response.destroyed) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve).once('close', resolve);
      });
    }
    if (response.destroyed) return;
  }
  begin();
  response.end();
}

const eviction: ConnectHandler = {
  methods: ['POST'],
  async handle({ key, body, query, response, store }) {
    const { target, pod } = podTarget(store, key);
    const options = (body as { deleteOptions?: { gracePeriodSeconds?: number; dryRun?: string[] } } | undefined)
      ?.deleteOptions;
    const dryRun = query.get('dryRun') === 'All' || options?.dryRun?.includes('All') === true;
    await target.evict(pod, {
      dryRun,
      ...(options?.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    });
    success(response);
  },
};

const binding: ConnectHandler = {
  methods: ['POST'],
  async handle({ key, body, response, store }) {
    const { target, pod } = podTarget(store, key);
    const node = (body as { target?: { name?: string } } | undefined)?.target?.name;
    if (node === undefined || node === '') throw badRequest('binding: target.name must name the node');
    if (isDeleting(pod)) throw badRequest(`pod ${key.name} is being deleted, cannot be assigned to a host`);
    if ((pod.spec.nodeName ?? '') !== '') {
      const message = `Operation cannot be fulfilled on pods/binding "${key.name}": pod ${key.name} is already assigned to node "${pod.spec.nodeName ?? ''}"`;
      throw new StatusError(409, 'Conflict', message);
    }
    await target.bind(pod, node);
    success(response);
  },
};

function success(response: ServerResponse): void {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  response.writeHead(201, { 'content-type': 'application/json' }).end(body);
}

export const connectHandlers: ConnectHandlers = {
  Pod: { log, exec, attach, portforward: portForward, eviction, binding },
};
