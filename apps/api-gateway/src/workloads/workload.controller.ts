/** What a Job or Deployment has besides its object: logs, pods, revisions, and why it is where it is. */
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Decision } from '@skyflow/apimachinery';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Identity, timestamp } from '@skyflow/domain';
import { ReadModel } from '../store/read-model.js';
import { Past } from '../past/past-reads.js';
import { Gatekeeper } from '../access/gatekeeper.js';
import { GatewayOptions } from '../gateway-options.js';
import { podsByCluster } from './agent-pods.js';
import { PastLogs } from './past-logs.js';
import { type Explanation, explain, inClusters } from './explanation.js';
import { type RevisionList, revisionsOf } from './revisions.js';
import { type FoundWorkload, type Sees, clustersOf, findWorkload } from './workload-finder.js';
import { WorkloadLogs } from './workload-logs.js';
import { LogQuery, PodsQuery, PastQuery, WorkloadPath } from './workload-params.js';

@ApiTags('workloads')
@ApiBearerAuth()
@Controller('apis/skyflow.io/v1/namespaces/:namespace/:plural/:name')
export class WorkloadController {
  private readonly logs: WorkloadLogs;
  private readonly pastLogs: PastLogs;

  constructor(
    private readonly model: ReadModel,
    private readonly past: Past,
    private readonly gatekeeper: Gatekeeper,
    private readonly options: GatewayOptions,
  ) {
    this.logs = new WorkloadLogs(options.nats, model);
    this.pastLogs = new PastLogs(options.nats, past);
  }

  @Get('log')
  @ApiOperation({ summary: 'Logs of all its pods over all clusters, as they are or as they were' })
  @ApiProduces('text/plain')
  async log(
    @Param() path: WorkloadPath,
    @Query() query: LogQuery,
    @Req() { raw: request }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { gatekeeper } = this;
    const ended = new AbortController();
    const ask = (identity: Identity): Decision => gatekeeper.routeDecision(identity, request);
    reply.raw.on(
      'close',
      gatekeeper.keepOpen(request, ask, () => ended.abort()),
    );
    const signal = AbortSignal.any([this.untilGone(reply), ended.signal]);
    const sees = gatekeeper.visibleClusters(request);
    const call = { path, query, sees, response: reply.raw, signal };
    await (query.at === undefined ? this.logs.send(call) : this.pastLogs.send(call, query.at));
  }

  @Get('pods')
  @ApiOperation({ summary: 'Its pods, by cluster, with the age of the information' })
  async pods(
    @Param() path: WorkloadPath,
    @Query() { cluster }: PodsQuery,
    @Req() { raw: request }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const found = await findWorkload(this.model, path, this.gatekeeper.visibleClusters(request));
    const { namespace, uid } = found.record;
    const answers = await podsByCluster(
      this.options.nats,
      clustersOf(found, cluster),
      { namespace, uid },
      this.untilGone(reply),
    );
    const nowMs = Date.now();
    return {
      clusters: answers.map((answer) =>
        'error' in answer
          ? { cluster: answer.cluster, error: answer.error.message, pods: [] }
          : {
              cluster: answer.cluster,
              asOf: timestamp(answer.asOfMs),
              ageSeconds: Math.max(0, Math.round((nowMs - answer.asOfMs) / 1000)),
              pods: answer.pods,
            },
      ),
    };
  }

  @Get('explain')
  @ApiOperation({ summary: 'The last decision with its verdicts, and how things stand for it now' })
  async explain(
    @Param() path: WorkloadPath,
    @Query() { at }: PastQuery,
    @Req() { raw: request }: FastifyRequest,
  ): Promise<Explanation> {
    const { model, past, gatekeeper } = this;
    const sees = gatekeeper.visibleClusters(request);
    if (at === undefined) return this.explained(await findWorkload(model, path, sees), model.seq, sees);
    return past.at(at, async (then) => this.explained(await findWorkload(then.model, path, sees), undefined, sees));
  }

  @Get('revisions')
  @ApiOperation({ summary: 'The pod templates that it has had, the current one last' })
  async revisions(
    @Param() path: WorkloadPath,
    @Query() { at }: PastQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevisionList> {
    const { model, past } = this;
    const signal = this.untilGone(reply);
    if (at === undefined) return revisionsOf(this.options.log, await findWorkload(model, path), signal);
    return past.at(at, async (then) =>
      revisionsOf(this.options.log, await findWorkload(then.model, path), signal, then.seq),
    );
  }

  private async explained(found: FoundWorkload, seq: number | undefined, sees: Sees): Promise<Explanation> {
    const all = await explain(this.options, found, seq);
    return sees === undefined ? all : inClusters(all, sees);
  }

  /** Aborts when the reader is gone, or the gateway stops. */
  private untilGone({ raw }: FastifyReply): AbortSignal {
    const gone = new AbortController();
    raw.on('close', () => gone.abort());
    return AbortSignal.any([gone.signal, this.options.stopping]);
  }
}
