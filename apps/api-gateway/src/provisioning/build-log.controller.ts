/** The build log of a cluster that SkyFlow builds: what its driver printed and what became of it, from the log itself. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { type Decision, StatusError, badRequest } from '@skyflow/apimachinery';
import { decisionSubject } from '@skyflow/contracts';
import { type Identity, type ObjectRecord, buildLogLines, timestamp } from '@skyflow/domain';
import type { RecordedCommit } from '@skyflow/event-log';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadModel } from '../store/read-model.js';
import { Past } from '../past/past-reads.js';
import { Gatekeeper } from '../access/gatekeeper.js';
import { GatewayOptions } from '../gateway-options.js';
import { ClusterName } from './cluster-name.js';
import { LogQuery } from '../workloads/workload-params.js';

const SUBJECTS = [decisionSubject('provisioner')];
/** At rest, so that who follows is not kept waiting. */
const RESTING: ReadonlySet<string> = new Set(['ACTIVE', 'FAILED', 'DELETED']);

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/clusters/:name')
export class BuildLogController {
  constructor(
    private readonly model: ReadModel,
    private readonly past: Past,
    private readonly gatekeeper: Gatekeeper,
    private readonly options: GatewayOptions,
  ) {}

  @Get('log')
  @ApiOperation({ summary: 'What the driver of a cluster printed while it was built, changed and taken down' })
  @ApiProduces('text/plain')
  async log(
    @Param() { name }: ClusterName,
    @Query() query: LogQuery,
    @Req() { raw: request }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { gatekeeper } = this;
    const { log, stopping } = this.options;
    const then = query.at === undefined ? undefined : await this.asOf(name, query);
    const record = then === undefined ? this.model.state.table.get('Cluster', '', name) : then.record;
    if (record === undefined) {
      throw new StatusError(404, 'NotFound', `clusters "${name}" not found`, { name, kind: 'clusters' });
    }
    if (!record.body.includes('"provision"')) {
      const message = `cluster "${name}" is attached: SkyFlow did not build it, so there is no build log; its pods have logs`;
      throw new StatusError(400, 'BadRequest', message);
    }
    const { raw } = reply;
    const gone = new AbortController();
    const ask = (identity: Identity): Decision => gatekeeper.routeDecision(identity, request);
    const close = gatekeeper.keepOpen(request, ask, () => gone.abort());
    reply.hijack();
    raw.on('close', () => {
      close();
      gone.abort();
    });
    const signal = AbortSignal.any([gone.signal, stopping]);
    raw.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    // Who follows is let in before there is a line.
    raw.flushHeaders();
    const lines = new BuildLines(record.uid, query, then?.nowMs ?? Date.now());
    try {
      const head = then?.seq ?? (await log.head());
      if (head > 0) {
        for await (const commit of log.read({ from: 1, to: head, subjects: SUBJECTS, signal })) lines.take(commit);
      }
      await write(raw, lines.shown(), signal);
      if (query.follow === true && !lines.isAtRest) await this.follow(raw, lines, head + 1, signal);
      // Cut, not ended, where there is more to come.
      if (signal.aborted) raw.destroy();
      else raw.end();
    } catch (error) {
      // The head is sent: only a broken end can tell that this is not all.
      raw.destroy(error as Error);
    }
  }

  /** The cluster as it was, and where its build log ended then. */
  private asOf(name: string, { at = '', follow }: LogQuery): Promise<Then> {
    if (follow === true) throw badRequest('follow: the past does not go on; leave "follow" or "at" out');
    return this.past.at(at, ({ model, seq, nowMs }) =>
      Promise.resolve({ record: model.state.table.get('Cluster', '', name), seq, nowMs }),
    );
  }

  private async follow(raw: ServerResponse, lines: BuildLines, from: number, signal: AbortSignal): Promise<void> {
    for await (const followed of this.options.log.follow({ from, subjects: SUBJECTS, signal })) {
      if (followed.type !== 'commits') continue;
      for (const commit of followed.commits) lines.take(commit);
      await write(raw, lines.shown(), signal);
      if (lines.isAtRest) return;
    }
  }
}

interface Then {
  record: ObjectRecord | undefined;
  seq: number;
  nowMs: number;
}

/** The lines of one cluster that a query asks for. */
class BuildLines {
  isAtRest = false;
  private pending: string[] = [];
  private isFirst = true;
  private readonly fromMs: number;

  constructor(
    private readonly uid: string,
    private readonly query: LogQuery,
    nowMs: number,
  ) {
    const { sinceSeconds, sinceTime } = query;
    this.fromMs =
      sinceTime === undefined ? (sinceSeconds === undefined ? 0 : nowMs - sinceSeconds * 1000) : Date.parse(sinceTime);
  }

  take({ commit }: RecordedCommit): void {
    for (const entry of commit.entries) {
      if (entry.type === 'ProvisioningStatusDecided' && entry.data.ref.uid === this.uid) {
        this.isAtRest = RESTING.has(entry.data.status.phase);
      }
      if (entry.at < this.fromMs) continue;
      const time = this.query.timestamps === true ? `${timestamp(entry.at)} ` : '';
      this.pending.push(...buildLogLines(entry, this.uid).map((line) => `${time}${line}\n`));
    }
  }

  /** What was taken since the last time; at first only its tail, where that is asked for. */
  shown(): string {
    const { tailLines } = this.query;
    const lines = this.isFirst && tailLines !== undefined ? tailOf(this.pending, tailLines) : this.pending;
    this.isFirst = false;
    this.pending = [];
    return lines.join('');
  }
}

const tailOf = (lines: string[], most: number): string[] => (most === 0 ? [] : lines.slice(-most));

async function write(raw: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (text !== '' && !raw.write(text)) await once(raw, 'drain', { signal });
}
