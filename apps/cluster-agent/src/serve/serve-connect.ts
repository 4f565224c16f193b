/**
 * Answers `connect`: exec, attach and port-forward of a pod that SkyFlow made. The agent dials the cluster's API with the
 * client's own upgrade, and passes bytes both ways as they are; neither side's bytes wait here beyond a window.
 */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connectRequestSchema, type ConnectReply, type ConnectRequest } from '@skyflow/contracts';
import { AgentLinkError, type Served, type StreamHandler } from '@skyflow/agent-link';
import type { Upgraded } from '@skyflow/kube-client';
import { asLinkError, assertOurs, sessionOf, type ServedCluster } from './pod-of-ours.js';

export function connectHandler(served: ServedCluster): StreamHandler {
  const { cluster } = served;
  return async (request, signal, input) => {
    const { namespace, pod: name, subresource, method, query, headers } = parse(request);
    const current = sessionOf(served);
    const container = new URLSearchParams(query).get('container') ?? undefined;
    try {
      await assertOurs(current, { namespace, pod: name, container }, signal);
      const pod = { namespace, name };
      return relay(await current.client.connect(pod, subresource, { method, query, headers, signal }), input, signal);
    } catch (error) {
      throw asLinkError(cluster, error);
    }
  };
}

function parse(request: unknown): ConnectRequest {
  const parsed = connectRequestSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AgentLinkError('400', `not a request to connect: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function relay({ headers, socket, head }: Upgraded, input: AsyncIterable<Uint8Array>, signal: AbortSignal): Served {
  // Whoever reads learns of it; what is written meanwhile has no reader any more.
  socket.on('error', () => undefined);
  const end = (): void => void socket.destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  void feed(socket, input, signal).catch(end);
  const reply: ConnectReply = { headers };
  return Object.assign(bytesFrom(socket, head), { head: reply });
}

/** Ends with the socket, however that ends: the protocol above says whether it was the end that was meant. */
async function* bytesFrom(socket: Duplex, head: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (head.length > 0) yield head;
    for await (const bytes of socket) yield bytes as Buffer;
  } finally {
    socket.destroy();
  }
}

async function feed(socket: Duplex, input: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const either = AbortSignal.any([gone.signal, signal]);
  for await (const bytes of input) {
    if (socket.destroyed) return;
    if (!socket.write(bytes)) await once(socket, 'drain', { signal: either });
  }
  socket.end();
}
