/** The one OpenAPI document of the gateway: SkyFlow's kinds as the API machinery describes them, and the routes of Nest. */
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type ResourceDefinition, type SchemaSet, openApiOf } from '@skyflow/apimachinery';
import { SERVICE_VERSION } from '@skyflow/service';

const DESCRIPTION = `SkyFlow makes many Kubernetes clusters look like one. Its kinds follow Kubernetes' API conventions; the native
kinds of the façade are described under /openapi/v3. Every request needs the header Authorization: Bearer TOKEN.`;

interface Document {
  paths: Record<string, unknown>;
  components: Record<string, Record<string, unknown> | undefined>;
  [field: string]: unknown;
}

export function openApiDocument(
  application: INestApplication,
  definitions: readonly ResourceDefinition[],
  schemas: SchemaSet,
): string {
  const config = new DocumentBuilder()
    .setTitle('SkyFlow')
    .setDescription(DESCRIPTION)
    .setVersion(SERVICE_VERSION)
    .addBearerAuth()
    .build();
  const routes = SwaggerModule.createDocument(application, config) as unknown as Document;
  const text = openApiOf(definitions, schemas, 'SkyFlow').document('apis/skyflow.io/v1') ?? '{}';
  const kinds = JSON.parse(text) as Partial<Document>;
  return JSON.stringify({
    ...routes,
    security: [{ bearer: [] }],
    paths: { ...kinds.paths, ...routes.paths },
    components: {
      ...kinds.components,
      ...routes.components,
      schemas: { ...kinds.components?.schemas, ...routes.components.schemas },
    },
  });
}
