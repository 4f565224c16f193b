/** Who sends telemetry, as OpenTelemetry names it; what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes first. */
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
  type Resource,
} from '@opentelemetry/resources';

export interface Identity {
  /** Name of the service: `api-gateway`, `skyctl`. */
  service: string;
  /** Unique per process. */
  instance: string;
  version: string;
}

export const telemetryResource = ({ service, instance, version }: Identity): Resource =>
  resourceFromAttributes({
    'service.namespace': 'skyflow',
    'service.name': service,
    'service.instance.id': instance,
    'service.version': version,
    'process.pid': process.pid,
  }).merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
