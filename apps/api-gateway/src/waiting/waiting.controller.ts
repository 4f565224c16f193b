/** `/waitingworkloads`: how many workloads wait for a place, and why, without the workloads: there may be a hundred thousand. */
import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Visible } from '@skyflow/apimachinery';
import { API_VERSION } from '@skyflow/contracts';
import { WaitingBook } from '@skyflow/domain';
import type { FastifyRequest } from 'fastify';
import { askedOfResource } from '../access/asked.js';
import { ReadModel } from '../store/read-model.js';
import { Past } from '../past/past-reads.js';
import { Gatekeeper } from '../access/gatekeeper.js';
import { ServedResources } from '../api/served-resources.js';
import { booksOf, WaitingIndex, WORKLOAD_KINDS, type WorkloadKind } from './waiting-index.js';
import { WaitingQuery, WaitingWorkloads, shownReasons } from './waiting-report.js';

@ApiTags('waits')
@ApiBearerAuth()
@Controller()
export class WaitingController {
  constructor(
    private readonly model: ReadModel,
    private readonly past: Past,
    private readonly waiting: WaitingIndex,
    private readonly gatekeeper: Gatekeeper,
    private readonly served: ServedResources,
  ) {}

  @Get('waitingworkloads')
  @ApiOperation({
    summary: 'How many workloads wait for a place, by the reason why',
    description: 'Of the kinds that one may list (jobs, deployments), and of these only what one may see.',
  })
  @ApiOkResponse({ type: WaitingWorkloads })
  @ApiForbiddenResponse({ description: 'Neither jobs nor deployments may be listed' })
  async read(@Query() { namespace, at }: WaitingQuery, @Req() { raw }: FastifyRequest): Promise<WaitingWorkloads> {
    const seen = this.seen(raw, namespace);
    const shown = (bookOf: (kind: WorkloadKind) => WaitingBook): WaitingWorkloads => {
      const books = seen.map(({ kind, visible }) => part(bookOf(kind), namespace, visible));
      const reasons = shownReasons(books);
      const workloads = reasons.reduce((sum, each) => sum + each.workloads, 0);
      return { apiVersion: API_VERSION, kind: 'WaitingWorkloads', workloads, reasons };
    };
    if (at !== undefined) {
      return this.past.at(at, ({ model }) => {
        const books = booksOf(model);
        return Promise.resolve(shown((kind) => books.get(kind) ?? new WaitingBook()));
      });
    }
    await this.model.upToDate();
    return shown((kind) => this.waiting.of(kind));
  }

  /** The kinds that he who asks may list, and what of them. @throws StatusError 403 when it is none */
  private seen(
    request: FastifyRequest['raw'],
    namespace: string | undefined,
  ): { kind: WorkloadKind; visible: Visible | undefined }[] {
    const { gatekeeper, served } = this;
    const identity = gatekeeper.identityOf(request);
    const found = WORKLOAD_KINDS.flatMap((kind) => {
      const definition = served.find('skyflow.io', kind);
      return definition === undefined ? [] : [{ kind, definition }];
    });
    const scope = namespace === undefined ? {} : { namespace };
    const allowed = found.filter(
      ({ definition }) => gatekeeper.may(identity, askedOfResource(definition, scope, 'GET', 'list')).allowed,
    );
    // Who may see none of them is told so as of the first.
    return (allowed.length > 0 ? allowed : found.slice(0, 1)).map(({ kind, definition }) => ({
      kind,
      visible: gatekeeper.admitWatch(request, definition, namespace, 'list'),
    }));
  }
}

/** What of a book is in a namespace and may be seen. */
function part(book: WaitingBook, namespace: string | undefined, visible: Visible | undefined): WaitingBook {
  if (namespace === undefined && visible === undefined) return book;
  const records = [...book.records()].filter(
    (record) =>
      (namespace === undefined || record.namespace === namespace) &&
      (visible === undefined || visible({ namespace: record.namespace, name: record.name })),
  );
  return new WaitingBook(records);
}
