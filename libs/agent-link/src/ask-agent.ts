/** One question and one whole answer over the link: for answers that may be larger than a NATS message. */
import type { NatsConnection } from '@nats-io/nats-core';
import { AgentLinkError } from './link-error.js';
import { openStream, type OpenOptions } from './open-stream.js';

export interface AskOptions extends OpenOptions {
  /** A larger answer is refused. */
  maxBytes?: number;
}

const MAX_ANSWER_BYTES = 64 << 20;

/** The answer, parsed as JSON. @throws AgentLinkError as openStream does; 413 when it is larger than `maxBytes`. */
export async function askAgent(
  nc: NatsConnection,
  subject: string,
  request: unknown,
  options: AskOptions = {},
): Promise<unknown> {
  const limit = options.maxBytes ?? MAX_ANSWER_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of openStream(nc, subject, request, options)) {
    size += chunk.length;
    if (size > limit) throw new AgentLinkError('413', `the agent's answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}
