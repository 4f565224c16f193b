/** Spans as a collector gets them. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  followSpan,
  inSpan,
  isTracing,
  parseTraceparent,
  startSpan,
  startTracing,
  traceFields,
  tracingEnvironment,
  type Tracing,
} from './index.js';
import { OtlpReceiver } from './testing/index.js';

const IDENTITY = { service: 'tested', instance: '1', version: '1' };
const TRACE = 'a'.repeat(32);
const sampledParent = `00-${TRACE}-${'b'.repeat(16)}-01`;

describe('tracing', () => {
  let receiver: OtlpReceiver;
  let tracing: Tracing | undefined;
  const complaints: string[] = [];

  beforeEach(async () => {
    receiver = await OtlpReceiver.start();
  });

  afterEach(async () => {
    await tracing?.close();
    await receiver.close();
    delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
    delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
  });

  async function start(environment: Record<string, string>): Promise<void> {
    const settings = z.object(tracingEnvironment).parse(environment);
    tracing = await startTracing(IDENTITY, settings, (detail) => complaints.push(detail));
  }

  const on = (more: Record<string, string> = {}): Promise<void> =>
    start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...more });

  it('sends spans with their parent, attributes, links and error when it is closed', async () => {
    process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-tenant=one';
    await on();
    const outer = startSpan('outer', {
      parent: sampledParent,
      kind: 'server',
      attributes: { text: 'a', number: 1, list: ['b'], nothing: undefined },
      links: [`00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`, 'garbage'],
    });
    await expect(
      inSpan(followSpan('inner', outer.traceparent), () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow();
    expect(outer.run(traceFields)).toEqual({ trace_id: TRACE, span_id: parseTraceparent(outer.traceparent)?.spanId });
    outer.end();
    await tracing?.close();
    const [inner, sent] = receiver.spans;
    expect(sent).toMatchObject({
      service: 'tested',
      traceId: TRACE,
      parentSpanId: 'b'.repeat(16),
      kind: 2,
      attributes: { text: 'a', number: 1, list: ['b'] },
      links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }],
      error: undefined,
    });
    expect(inner).toMatchObject({ name: 'inner', traceId: TRACE, parentSpanId: sent?.spanId, error: 'broken' });
    expect(receiver.lastHeaders['x-tenant']).toBe('one');
  });

  it('leaves out what began elsewhere unsampled, and what its own sampler says', async () => {
    await on({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
    startSpan('own').end();
    const unsampled = startSpan('theirs', { parent: sampledParent.replace(/01$/, '00') });
    expect([unsampled.isRecorded, unsampled.traceparent?.endsWith('-00')]).toEqual([false, true]);
    unsampled.end();
    startSpan('theirs, sampled', { parent: sampledParent }).end();
    await tracing?.close();
    expect(receiver.spans.map(({ name }) => name)).toEqual(['theirs, sampled']);
  });

  it('begins no more traces in a second than is set, and goes on with all that began elsewhere', async () => {
    await on({ SKYFLOW_TRACES_PER_SECOND: '2' });
    const own = Array.from({ length: 5 }, () => startSpan('own'));
    expect(own.map(({ traceparent }) => traceparent === undefined)).toEqual([false, false, true, true, true]);
    for (const span of own) span.end();
    for (let index = 0; index < 5; index++) startSpan('theirs', { parent: sampledParent }).end();
    await tracing?.close();
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['own', 'own', ...Array<string>(5).fill('theirs')]);
  });

  it('is off without an endpoint: the trace of the caller is handed on as it is', async () => {
    await start({});
    expect([tracing, isTracing()]).toEqual([undefined, false]);
    const span = startSpan('nothing', { parent: sampledParent });
    expect([span.traceparent, span.isRecorded]).toEqual([sampledParent, false]);
    expect(span.run(traceFields)).toMatchObject({ trace_id: TRACE });
    expect(startSpan('nothing').traceparent).toBeUndefined();
  });

  it.each(['OTEL_SDK_DISABLED=true', 'OTEL_TRACES_EXPORTER=none'])('is off with %s', async (setting) => {
    const [name = '', value = ''] = setting.split('=');
    await on({ [name]: value });
    expect(tracing).toBeUndefined();
  });

  it('ends in time when the collector is away', async () => {
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '300';
    await on();
    await receiver.close();
    startSpan('lost').end();
    const since = performance.now();
    await tracing?.close();
    expect(performance.now() - since).toBeLessThan(20_000);
    receiver = await OtlpReceiver.start();
  });
});
