/** `/stream`: watches of several kinds as Server-Sent Events, for browsers and everything that reads them. */
import { randomUUID } from 'node:crypto';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import {
  type Decision,
  TextCache,
  parseFieldSelector,
  parseLabelSelector,
  selectablePaths,
} from '@skyflow/apimachinery';
import type { Identity } from '@skyflow/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KubernetesApi } from '../api/kubernetes-api.js';
import { ServedResources } from '../api/served-resources.js';
import { Gatekeeper } from '../access/gatekeeper.js';
import { GatewayOptions } from '../gateway-options.js';
import { type WatchedKind, streamEvents } from './event-stream.js';
import { omittedFields, without } from './omitted-fields.js';
import { placeOf } from './stream-place.js';
import { StreamQuery } from './stream-params.js';
import { type StreamedKind, streamedKinds } from './streamed-kinds.js';

const DESCRIPTION = `One connection for all kinds. Events:

- \`change\`: \`{"resource":"jobs","type":"ADDED|MODIFIED|DELETED","object":{…}}\`
- \`synced\`: \`{"resource":"jobs","resourceVersion":"…"}\`, once everything there was has been sent as ADDED
- \`beat\`: \`{"time":"…"}\`, every five seconds
- \`error\`: \`{"resource":"jobs","status":{…}}\`, a Status, after which the stream ends. Code 410: the place is too old; forget what you
  have of this kind: after coming back it begins with everything there is.

The id of every event is the place after it (\`clusters=120000,jobs=130002\`); sent back as Last-Event-ID (browsers do) the stream goes
on there, without loss and without repetition. Needs the right to watch each of the kinds; only what one may see is sent.`;

const EXAMPLE = `retry: 1000

id: clusters=120000
event: change
data: {"resource":"clusters","type":"MODIFIED","object":{"apiVersion":"skyflow.io/v1","kind":"Cluster"}}

`;

/** Readers that leave out the same share texts; of other choices than these few, the oldest is forgotten. */
const FORMS = 8;

@ApiTags('stream')
@ApiBearerAuth()
@Controller()
export class StreamController {
  private readonly texts = new Map<string, TextCache>();

  constructor(
    private readonly api: KubernetesApi,
    private readonly served: ServedResources,
    private readonly gatekeeper: Gatekeeper,
    private readonly options: GatewayOptions,
  ) {}

  @Get('stream')
  @ApiOperation({ summary: 'Changes of several kinds as Server-Sent Events', description: DESCRIPTION })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Id of the last event that was read' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'The stream', schema: { type: 'string', example: EXAMPLE } })
  @ApiForbiddenResponse({ description: 'The right to watch one of the kinds is missing' })
  async stream(
    @Query() query: StreamQuery,
    @Req() { raw: request }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { gatekeeper, served } = this;
    const { stopping, onError } = this.options;
    const kinds = streamedKinds(query.resources, served.definitions);
    const names = kinds.map(({ name }) => name);
    const last = request.headers['last-event-id'];
    const place =
      typeof last === 'string' && last !== ''
        ? placeOf(last, names, 'Last-Event-ID')
        : placeOf(query.resourceVersion, names, 'resourceVersion');
    const texts = this.textsWithout(query.omit);
    const watched = kinds.map((kind) => this.watched(kind, query, request));
    const { raw: response } = reply;
    const gone = new AbortController();
    const ask = (identity: Identity): Decision => this.decision(identity, kinds, query);
    response.on('close', () => gone.abort());
    response.on(
      'close',
      gatekeeper.keepOpen(request, ask, () => gone.abort()),
    );
    reply.hijack();
    const requestId = randomUUID();
    response.setHeader('audit-id', requestId);
    await streamEvents({
      response,
      kinds: watched,
      place,
      context: { user: gatekeeper.identityOf(request), requestId, verb: 'watch' },
      signal: AbortSignal.any([gone.signal, stopping]),
      texts,
      onError: (error) => onError(error, { requestId, method: 'GET', path: '/stream' }),
    });
  }

  /** @throws StatusError 400 */
  private textsWithout(omit = ''): TextCache {
    let texts = this.texts.get(omit);
    if (texts === undefined) {
      const paths = omittedFields(omit);
      texts = new TextCache({ textOf: (object) => JSON.stringify(without(object, paths)) });
      const [oldest] = this.texts.keys();
      if (this.texts.size >= FORMS && oldest !== undefined) this.texts.delete(oldest);
      this.texts.set(omit, texts);
    }
    return texts;
  }

  /** About all of the kinds: what is missing for one, or that only a part of one may be seen, counts for all. */
  private decision(identity: Identity, kinds: readonly StreamedKind[], { namespace }: StreamQuery): Decision {
    const { gatekeeper } = this;
    const decisions = kinds.map(({ definition }) =>
      gatekeeper.watchDecision(identity, definition, definition.namespaced ? namespace : undefined),
    );
    const allowed = decisions.filter((each) => each.allowed);
    return (
      decisions.find((each) => !each.allowed) ??
      allowed.find(({ visible }) => visible !== undefined) ?? { allowed: true }
    );
  }

  /** @throws StatusError 400, 403 */
  private watched(
    { name, definition }: StreamedKind,
    { namespace, labelSelector = '', fieldSelector = '' }: StreamQuery,
    request: FastifyRequest['raw'],
  ): WatchedKind {
    const { api, gatekeeper } = this;
    const scope = definition.namespaced && namespace !== undefined ? { namespace } : {};
    const visible = gatekeeper.admitWatch(request, definition, scope.namespace);
    return {
      name,
      resource: api.server.api.resource(definition),
      options: {
        ...scope,
        selectors: {
          labels: parseLabelSelector(labelSelector),
          fields: parseFieldSelector(fieldSelector, selectablePaths(definition.selectableFields)),
        },
        ...(visible === undefined ? {} : { visible }),
      },
    };
  }
}
