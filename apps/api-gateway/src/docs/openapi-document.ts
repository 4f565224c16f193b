/** The one OpenAPI document of the gateway: all kinds as the API machinery serves them, and the routes of Nest. */
import { type INestApplication, Injectable } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type ResourceDefinition, type SchemaSet, apiVersionOf, openApiOf } from '@skyflow/apimachinery';
import { SERVICE_VERSION } from '@skyflow/service';
import { ServedResources } from '../api/served-resources.js';
import { kindPaths, listSchema } from './kind-operations.js';
import { PARAMETERS } from './parameters.js';
import { asSchema31 } from './schemas-of-31.js';

const DESCRIPTION = `SkyFlow makes many Kubernetes clusters look like one. Its kinds follow Kubernetes' API conventions, and the native kinds
of the façade (\`v1\`, \`apps/v1\`, \`batch/v1\`) are other faces of the same objects. Every request needs the header
\`Authorization: Bearer TOKEN\`; \`skyctl login\` gets one. Errors are \`Status\` objects that say field, value, rule and way out.`;

interface Document {
  paths: Record<string, Record<string, unknown>>;
  components: Record<string, Record<string, unknown> | undefined>;
  [field: string]: unknown;
}

const SCHEMAS = {
  ListMeta: {
    type: 'object',
    properties: {
      resourceVersion: { type: 'string', description: 'Where a watch goes on from' },
      continue: { type: 'string', description: 'Names the next page; absent: this is the last one' },
      remainingItemCount: { type: 'integer' },
    },
  },
  Scale: {
    type: 'object',
    description: 'How many replicas there are to be, and are (autoscaling/v1 Scale)',
    required: ['apiVersion', 'kind', 'spec'],
    properties: {
      apiVersion: { type: 'string', const: 'autoscaling/v1' },
      kind: { type: 'string', const: 'Scale' },
      metadata: { type: 'object' },
      spec: { type: 'object', properties: { replicas: { type: 'integer', minimum: 0 } } },
      status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
    },
  },
  Status: {
    type: 'object',
    description: 'Why a request was refused, or that it was done (meta/v1 Status)',
    required: ['apiVersion', 'kind', 'status'],
    properties: {
      apiVersion: { type: 'string', const: 'v1' },
      kind: { type: 'string', const: 'Status' },
      metadata: { type: 'object' },
      status: { type: 'string', enum: ['Success', 'Failure'] },
      message: { type: 'string', description: 'For people: what is wrong, the rule, what to do' },
      reason: { type: 'string', description: 'For programs', examples: ['NotFound', 'Invalid', 'Conflict'] },
      code: { type: 'integer', description: 'The HTTP code' },
      details: { type: 'object', description: 'What it is about, and each field that is wrong (`causes`)' },
    },
  },
};

const REFUSED = {
  description: 'Refused: 400 malformed, 401 who, 403 may not, 404, 409 conflict, 410 too old, 422 invalid, 429, 503',
  content: {
    'application/json': {
      schema: { $ref: '#/components/schemas/Status' },
      example: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'jobs.skyflow.io "hello" not found',
        reason: 'NotFound',
        details: { name: 'hello', group: 'skyflow.io', kind: 'jobs' },
        code: 404,
      },
    },
  },
};

/** Made when it is first read: it takes a second, and few ever read it. */
@Injectable()
export class OpenApiDocument {
  private application: INestApplication | undefined;
  private made: string | undefined;

  constructor(private readonly served: ServedResources) {}

  /** Names the application whose routes it describes. */
  describe(application: INestApplication): void {
    this.application = application;
  }

  /** The document as JSON. */
  text(): string {
    if (this.application === undefined) throw new Error('the OpenAPI document has no application to describe');
    return (this.made ??= openApiDocument(this.application, this.served.definitions, this.served.schemas));
  }
}

function openApiDocument(
  application: INestApplication,
  definitions: readonly ResourceDefinition[],
  schemas: SchemaSet,
): string {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('SkyFlow')
    .setDescription(DESCRIPTION)
    .setVersion(SERVICE_VERSION)
    .setLicense('Apache-2.0', '')
    .addBearerAuth()
    .build();
  const routes = SwaggerModule.createDocument(application, config) as unknown as Document;
  for (const item of Object.values(routes.paths)) for (const operation of Object.values(item)) complete(operation);
  const kinds = schemasOf(definitions, schemas);
  const lists = Object.fromEntries(definitions.map(listSchema));
  return JSON.stringify({
    ...routes,
    info: { ...(routes.info as object), license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    paths: { ...kindPaths(definitions), ...(asSchema31(routes.paths) as object) },
    components: {
      ...routes.components,
      parameters: PARAMETERS,
      responses: { Refused: REFUSED },
      schemas: {
        ...(asSchema31({ ...kinds, ...routes.components.schemas }) as object),
        ...lists,
        ...SCHEMAS,
      },
    },
  });
}

/** Every route may refuse. */
function complete(operation: unknown): void {
  const { responses } = operation as { responses?: Record<string, unknown> };
  if (responses !== undefined) responses.default ??= { $ref: '#/components/responses/Refused' };
}

/** The schemas of all kinds, and those that they refer to. */
function schemasOf(definitions: readonly ResourceDefinition[], schemas: SchemaSet): Record<string, unknown> {
  const documents = openApiOf(definitions, schemas, 'SkyFlow');
  const versions = new Set(
    definitions.map((each) => (each.group === '' ? `api/${each.version}` : `apis/${apiVersionOf(each)}`)),
  );
  return Object.assign(
    {},
    ...[...versions].map((path) => {
      const { components } = JSON.parse(documents.document(path) ?? '{}') as Partial<Document>;
      return components?.schemas ?? {};
    }),
  ) as Record<string, unknown>;
}
