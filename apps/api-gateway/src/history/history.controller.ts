/** `…/NAME/history` of every object that is in the log: who did what to it, when, and what followed. */
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StatusError } from '@skyflow/apimachinery';
import { timestamp } from '@skyflow/domain';
import type { Horizon } from '@skyflow/event-log';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ReadModel } from '../store/read-model.js';
import { Past } from '../past/past-reads.js';
import { ServedResources } from '../api/served-resources.js';
import { GatewayOptions } from '../gateway-options.js';
import { ClusterObjectPath, HistoryQuery, NamespacedObjectPath } from './history-params.js';
import { purged } from '../past/past-states.js';
import { type HistoryItem, objectHistory } from './object-history.js';

const MOST = 500;

interface History {
  kind: string;
  namespace?: string;
  name: string;
  items: HistoryItem[];
  /** Absent: this is all of it. */
  purged?: PurgedHistory;
}

/** What is not in the log any more. */
interface PurgedHistory {
  /** What was before this time, RFC 3339. */
  before: string;
  /** Where it is. */
  archive: string;
}

const cutBy = (horizon: Horizon | undefined): { purged?: PurgedHistory } =>
  horizon === undefined ? {} : { purged: { before: timestamp(horizon.storedAt), archive: horizon.archive } };

@ApiTags('history')
@ApiBearerAuth()
@Controller()
export class HistoryController {
  constructor(
    private readonly model: ReadModel,
    private readonly past: Past,
    private readonly served: ServedResources,
    private readonly options: GatewayOptions,
  ) {}

  @Get('apis/:group/:version/namespaces/:namespace/:plural/:name/history')
  @ApiOperation({ summary: 'Who did what to an object, when, and what followed; the latest last' })
  ofNamespaced(
    @Param() path: NamespacedObjectPath,
    @Query() query: HistoryQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<History> {
    return this.read(path, query, request, reply);
  }

  @Get('apis/:group/:version/:plural/:name/history')
  @ApiOperation({ summary: 'The same, of an object that is in no namespace' })
  ofCluster(
    @Param() path: ClusterObjectPath,
    @Query() query: HistoryQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<History> {
    return this.read(path, query, request, reply);
  }

  private async read(
    path: ClusterObjectPath & { namespace?: string },
    { limit: most = MOST, at }: HistoryQuery,
    { url }: FastifyRequest,
    { raw }: FastifyReply,
  ): Promise<History> {
    const { log, stopping } = this.options;
    const group = path.group === 'core' ? '' : path.group;
    const { namespace = '', name } = path;
    const definition = this.served.definitions.find(
      (each) => each.group === group && each.version === path.version && each.plural === path.plural,
    );
    if (definition?.namespaced !== (namespace !== '')) {
      throw new StatusError(404, 'NotFound', `the server could not find the requested resource (${url})`);
    }
    const { kind } = definition;
    const gone = new AbortController();
    raw.on('close', () => gone.abort());
    const record = this.model.state.table.get(kind, namespace, name);
    const signal = AbortSignal.any([gone.signal, stopping]);
    const range = { most, ...(at === undefined ? {} : { to: await this.past.sequenceAt(at) }) };
    const { items, isCut } = await objectHistory(log, { kind, namespace, name }, record, range, signal);
    const horizon = isCut ? await log.horizon() : undefined;
    // Of what is there, nothing since is an answer.
    const isKnown = record !== undefined && at === undefined;
    if (horizon !== undefined && items.length === 0 && !isKnown) {
      throw await purged(this.options, range.to ?? horizon.seq - 1, horizon.seq, at === undefined ? 'history' : 'at');
    }
    if (items.length === 0 && horizon === undefined) {
      const never = at === undefined ? 'the log has never had it' : 'the log had not had it by then';
      throw new StatusError(404, 'NotFound', `${path.plural} "${name}" not found, and ${never}`, {
        name,
        kind: path.plural,
      });
    }
    return { kind, ...(namespace === '' ? {} : { namespace }), name, items, ...cutBy(horizon) };
  }
}
