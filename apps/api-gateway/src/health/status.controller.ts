/** How the gateway and what it hears of are: small JSON for `skyctl status`, and metrics in Prometheus' format. */
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { FIRST_LEVEL } from '@skyflow/contracts';
import { type Horizon, readingLevel } from '@skyflow/event-log';
import { SERVICE_VERSION } from '@skyflow/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FoldedLog } from '../store/folded-log.js';
import { LevelKeeper } from '../features/level-keeper.js';
import { GatewayOptions } from '../gateway-options.js';
import { timestamp } from '@skyflow/domain';

/** How long the head of the log is waited for. */
const HEAD_WITHIN_MS = 1_000;

@ApiTags('system')
@Controller()
export class StatusController {
  constructor(
    private readonly fold: FoldedLog,
    private readonly level: LevelKeeper,
    private readonly options: GatewayOptions,
  ) {}

  @Get('status')
  @ApiOperation({ summary: 'Version, how far the log is folded, services and agents heard lately' })
  async status(): Promise<object> {
    const { heartbeats, health } = this.options;
    const { foldedSeq, logHead } = { foldedSeq: this.fold.projection.seq, logHead: await this.logHead() };
    // While the log is away, who is there is shown all the same.
    const features = await this.within(this.level.report());
    const horizon = await this.within(this.options.log.horizon());
    const failures = health.failures();
    const self = {
      name: 'api-gateway',
      instance: this.options.instance,
      ...serviceState(failures, true),
      version: SERVICE_VERSION,
      level: readingLevel(),
      foldedSeq,
      lastHeartbeatTime: timestamp(Date.now()),
    };
    const others = heartbeats
      .heardServices()
      .filter(({ heartbeat }) => heartbeat.instance !== this.options.instance)
      .map(({ heartbeat, atMs }) => ({
        name: heartbeat.service,
        instance: heartbeat.instance,
        ...serviceState(heartbeat.failures, heartbeat.active),
        active: heartbeat.active,
        version: heartbeat.version,
        level: heartbeat.level ?? FIRST_LEVEL,
        foldedSeq: heartbeat.foldedSeq,
        lastHeartbeatTime: timestamp(atMs),
      }));
    const clusters = heartbeats
      .heardAgents()
      .filter(({ heartbeat }) => this.isRegistered(heartbeat.cluster, heartbeat.uid))
      .map(({ heartbeat, atMs }) => ({
        cluster: heartbeat.cluster,
        instance: heartbeat.instance,
        reachable: heartbeat.reachable,
        ...(heartbeat.message === undefined ? {} : { message: heartbeat.message }),
        lastHeartbeatTime: timestamp(atMs),
        workSeq: heartbeat.workSeq,
        ...(heartbeat.version === undefined ? {} : { version: heartbeat.version }),
        level: heartbeat.level ?? FIRST_LEVEL,
      }));
    return {
      version: SERVICE_VERSION,
      ready: Object.keys(failures).length === 0,
      foldedSeq,
      ...(logHead === undefined ? {} : { logHead }),
      ...(horizon === undefined ? {} : { historyBegins: historyBegins(horizon) }),
      ...(features === undefined ? {} : { features }),
      objects: this.fold.model.state.table.size,
      services: [self, ...others],
      clusters,
    };
  }

  @Get('metrics')
  @ApiOperation({ summary: 'Metrics' })
  @ApiProduces('text/plain')
  metrics(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    reply.hijack();
    this.options.metrics.serve(request.raw, reply.raw);
  }

  /** An agent of a cluster that was deleted may be heard for a while. */
  private isRegistered(cluster: string, uid: string): boolean {
    return this.fold.model.state.table.get('Cluster', '', cluster)?.uid === uid;
  }

  /** Undefined when the log does not answer. */
  private async logHead(): Promise<number | undefined> {
    return this.within(this.options.log.head());
  }

  private within<T>(asked: Promise<T>): Promise<T | undefined> {
    const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), HEAD_WITHIN_MS).unref());
    return Promise.race([asked.catch(() => undefined), late]);
  }
}

/** Where the log begins since older history was archived and taken out of it. */
const historyBegins = ({ seq, storedAt, archive }: Horizon): object => ({ seq, time: timestamp(storedAt), archive });

function serviceState(
  failures: Readonly<Record<string, string>>,
  active: boolean,
): { status: string; ready: boolean; message: string } {
  const failed = Object.entries(failures).map(([part, why]) => `${part}: ${why}`);
  const ready = failed.length === 0;
  return {
    status: ready ? 'READY' : 'UNREACHABLE',
    ready,
    message: ready ? (active ? '' : 'standby') : failed.join('; '),
  };
}
