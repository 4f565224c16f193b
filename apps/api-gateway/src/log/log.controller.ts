/**
 * The log itself, a line of JSON per commit, as fast as the reader takes it. What is worked out of a whole log (replay) is worked out by
 * who asked for it: the gateway only reads.
 */
import { once } from 'node:events';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { NoRespondersError } from '@nats-io/nats-core';
import { StatusError } from '@skyflow/apimachinery';
import { type ShadowReport, shadowReportSchema, shadowReportSubject } from '@skyflow/contracts';
import type { FastifyReply } from 'fastify';
import { GatewayOptions } from '../gateway-options.js';
import { purged } from '../past/past-states.js';
import { LogRange } from './log-params.js';

/** Text that is collected before it is written. */
const CHUNK_BYTES = 64 * 1024;
const SHADOW_WITHIN_MS = 5_000;

interface Range {
  from: number;
  to: number;
  keepBytes: boolean;
  signal: AbortSignal;
}

@ApiTags('log')
@ApiBearerAuth()
@Controller()
export class LogController {
  constructor(private readonly options: GatewayOptions) {}

  @Get('log')
  @ApiOperation({ summary: 'Commits of the log in sequence order: {seq, subject, storedAt, commit}' })
  @ApiProduces('application/x-ndjson')
  async read(@Query() { from: asked, to, form }: LogRange, @Res() reply: FastifyReply): Promise<void> {
    const first = await this.options.log.first();
    const from = asked ?? first;
    if (from < first) throw await purged(this.options, from, first, 'from');
    if (to !== undefined && to < from) {
      throw new StatusError(400, 'BadRequest', `to: ${to} is before from: ${from}; give a range that is not empty`);
    }
    const head = await this.options.log.head();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    const gone = new AbortController();
    raw.on('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.options.stopping]);
    try {
      await this.send(raw, { from, to: Math.min(to ?? head, head), keepBytes: form === 'stored', signal });
      if (!gone.signal.aborted) raw.end();
    } catch (error) {
      // The head is sent: only a broken end can tell that this is not all.
      raw.destroy(error as Error);
    }
  }

  @Get('log/shadow')
  @ApiOperation({ summary: 'Where a scheduler that shadows the log would have decided otherwise' })
  async shadow(): Promise<ShadowReport> {
    try {
      const answer = await this.options.nats.request(shadowReportSubject(), '', { timeout: SHADOW_WITHIN_MS });
      return shadowReportSchema.parse(answer.json());
    } catch (error) {
      if (!(error instanceof NoRespondersError || (error as Error).cause instanceof NoRespondersError)) throw error;
      throw new StatusError(
        404,
        'NotFound',
        'no scheduler shadows this log; start one beside the others with SKYFLOW_SCHEDULER_SHADOW=true',
      );
    }
  }

  private async send(raw: FastifyReply['raw'], range: Range): Promise<void> {
    const { from, to, signal } = range;
    if (from > to) return;
    let text = '';
    for await (const { seq, subject, storedAt, commit, bytes } of this.options.log.read(range)) {
      const body = bytes === undefined ? { commit } : { data: Buffer.from(bytes).toString('utf8') };
      text += `${JSON.stringify({ seq, subject, storedAt, ...body })}\n`;
      if (text.length < CHUNK_BYTES) continue;
      const isFull = !raw.write(text);
      text = '';
      if (isFull) await once(raw, 'drain', { signal });
    }
    signal.throwIfAborted();
    raw.write(text);
  }
}
