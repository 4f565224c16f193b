/**
 * OpenTelemetry's own environment variables, as far as SkyFlow honours them; docs/operate.md lists them. Headers, timeouts,
 * compression and certificates are read by the exporters themselves.
 */
import { z } from 'zod';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const exporter = (what: string) =>
  z.enum(['otlp', 'none']).default('otlp').describe(`where ${what} go: otlp, or none; otlp needs an endpoint`);
const endpoint = (what: string) =>
  z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(what);
const protocol = z
  .literal('http/protobuf', 'must be http/protobuf: SkyFlow speaks OTLP in no other way')
  .default('http/protobuf')
  .describe('how OTLP is spoken; http/protobuf only');
const ms = (fallback: number, what: string) => z.coerce.number().int().min(1).default(fallback).describe(`${what}, ms`);

/** Of traces; skyctl has these alone. */
export const tracingEnvironment = {
  OTEL_SDK_DISABLED: z.enum(['true', 'false']).default('false').describe('true: no telemetry is exported'),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(
    'collector for traces and metrics, http://host:4318; absent: nothing is exported',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint('the same for traces alone, with path: http://host:4318/v1/traces'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_TRACES_EXPORTER: exporter('traces'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS)
    .default('parentbased_always_on')
    .describe('which traces are recorded; what began elsewhere is recorded as it says there (parentbased)'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1).describe('part of the traces, for …traceidratio'),
  SKYFLOW_TRACES_PER_SECOND: z.coerce
    .number()
    .min(0)
    .default(50)
    .describe('traces that this process begins in a second at most; those that began elsewhere are not counted'),
  OTEL_BSP_SCHEDULE_DELAY: ms(5_000, 'how long spans are collected before they are sent'),
  OTEL_BSP_EXPORT_TIMEOUT: ms(30_000, 'longest that sending spans may take'),
  OTEL_BSP_MAX_QUEUE_SIZE: z.coerce.number().int().min(1).default(2_048).describe('spans kept; more are dropped'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: z.coerce.number().int().min(1).default(512).describe('spans in one request'),
};

export type TracingSettings = z.infer<z.ZodObject<typeof tracingEnvironment>>;

/** Whether the settings ask for traces. */
export const wantsTraces = (settings: TracingSettings): boolean =>
  settings.OTEL_SDK_DISABLED === 'false' && settings.OTEL_TRACES_EXPORTER === 'otlp' && tracesUrl(settings) !== '';

/** Where traces go; empty: nowhere. */
export const tracesUrl = (settings: TracingSettings): string =>
  settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? signalUrl(settings.OTEL_EXPORTER_OTLP_ENDPOINT, 'traces');

/** The common endpoint is a base: the path of the signal comes behind its own (OTLP, "Endpoint URLs for OTLP/HTTP"). */
export const signalUrl = (endpoint: string | undefined, signal: 'traces' | 'metrics'): string =>
  endpoint === undefined ? '' : `${endpoint.replace(/\/$/, '')}/v1/${signal}`;
