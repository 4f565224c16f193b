/** One command is one trace: from skyctl to the Kubernetes API and back, over the log, as a collector gets it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OtlpReceiver, type ReceivedSpan } from '@skyflow/telemetry/testing';
import { eventually, Skyflow } from './fixture/skyflow.js';

const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

describe('traces', () => {
  const skyflow = new Skyflow();
  let collector: OtlpReceiver;

  beforeAll(async () => {
    collector = await OtlpReceiver.start();
    skyflow.settings = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_BSP_SCHEDULE_DELAY: '200',
    };
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
    await collector.close();
  }, 60_000);

  const spansOf = (traceId: string | undefined): ReceivedSpan[] =>
    collector.spans.filter((span) => span.traceId === traceId);

  /** Of one service in a trace, with the spans above it, root first: `service: name`. */
  function pathTo(wanted: ReceivedSpan): string[] {
    const parent = collector.spans.find(
      ({ spanId, traceId }) => spanId === wanted.parentSpanId && traceId === wanted.traceId,
    );
    const own = `${wanted.service}: ${wanted.name}`;
    if (wanted.parentSpanId !== undefined && parent === undefined) return ['(missing)', own];
    return parent === undefined ? [own] : [...pathTo(parent), own];
  }

  it('has every step of `skyctl create job` in one trace, each below what led to it', async () => {
    await skyflow.typed('create', 'job', 'traced', '--run', 'sleep 300', '--cpus', '0.1');
    let root: ReceivedSpan | undefined;
    await eventually('the trace is whole', () => {
      const [command, ...others] = collector.spans.filter(({ name }) => name === 'skyctl create job');
      expect(others).toEqual([]);
      const running = spansOf(command?.traceId).filter(
        ({ name, attributes }) => name === 'serve WorkObserved' && attributes['skyflow.phase'] === 'RUNNING',
      );
      expect(running.length).toBeGreaterThan(0);
      expect(spansOf(command?.traceId).map(({ name }) => name)).toContain('PATCH deployments.apps');
      expect(spansOf(command?.traceId).filter((span) => pathTo(span)[0] === '(missing)')).toEqual([]);
      root = command;
    });
    const trace = spansOf(root?.traceId);
    const only = (name: string, service: string): ReceivedSpan => {
      const found = trace.filter((span) => span.name === name && span.service === service);
      expect(found.map(({ name: each }) => each)).toEqual([name]);
      return found[0] as ReceivedSpan;
    };
    const apply = only('PATCH deployments.apps', 'cluster-agent');
    expect(pathTo(apply)).toEqual([
      'skyctl: skyctl create job',
      'skyctl: POST',
      'api-gateway: POST /apis/skyflow.io/v1/namespaces/{namespace}/jobs',
      'api-gateway: send sky.cmd.0',
      'scheduler: place',
      'scheduler: assign work',
      'cluster-agent: apply work',
      'cluster-agent: PATCH deployments.apps',
    ]);
    expect(trace.filter((span) => pathTo(span)[0] !== 'skyctl: skyctl create job')).toEqual([]);
    expect(apply).toMatchObject({ kind: KIND.client, error: undefined });
    const server = only('POST /apis/skyflow.io/v1/namespaces/{namespace}/jobs', 'api-gateway');
    expect(server).toMatchObject({ kind: KIND.server, attributes: { 'http.response.status_code': 201 } });
    const place = only('place', 'scheduler');
    expect(place.attributes).toMatchObject({ 'skyflow.object.kind': 'Job', 'skyflow.object.name': 'traced' });
    const back = trace.find(
      ({ name, attributes }) => name === 'serve WorkObserved' && attributes['skyflow.phase'] === 'RUNNING',
    );
    expect(pathTo(back as ReceivedSpan).slice(-3)).toEqual([
      'scheduler: assign work',
      'cluster-agent: report WorkObserved',
      'api-gateway: serve WorkObserved',
    ]);
    for (const span of trace) expect(span.end).toBeGreaterThanOrEqual(span.start);
  });

  it('has in the trace of `skyctl logs` who was asked for them', async () => {
    await eventually('there are logs', async () => {
      await skyflow.typed('logs', 'job/traced');
      const served = collector.spans.filter(({ name }) => name === 'serve logs');
      expect(served.length).toBeGreaterThan(0);
      expect(pathTo(served[0] as ReceivedSpan)).toEqual([
        'skyctl: skyctl logs',
        'skyctl: GET',
        'api-gateway: GET /apis/skyflow.io/v1/namespaces/{namespace}/jobs/{name}/log',
        'api-gateway: ask logs',
        'cluster-agent: serve logs',
      ]);
    });
  });

  it('has what the mesh does for `skyctl create service` in one trace', async () => {
    const [cluster] = skyflow.clusters.contexts;
    await skyflow.typed(
      'create',
      'service',
      'traced',
      '--selector',
      'app',
      'traced',
      '--ports',
      '80',
      '80',
      '--cluster',
      cluster,
    );
    await eventually('the trace is whole', () => {
      const patch = collector.spans.find(
        ({ name, service }) => name === 'PATCH services' && service === 'cluster-agent',
      );
      // What is watched from then on is watched for whatever comes.
      expect(spansOf(patch?.traceId).map(({ name }) => name)).not.toContain('GET pods');
      expect(patch === undefined ? [] : pathTo(patch)).toEqual([
        'skyctl: skyctl create service',
        'skyctl: POST',
        'api-gateway: POST /apis/skyflow.io/v1/namespaces/{namespace}/services',
        'api-gateway: send sky.cmd.0',
        'mesh-controller: assign service',
        'cluster-agent: apply service',
        'cluster-agent: PATCH services',
      ]);
    });
  });

  it('links the round of the scheduler with the traces of what it decided, and these with the round', () => {
    const place = collector.spans.find(({ name }) => name === 'place') as ReceivedSpan;
    const round = collector.spans.find(
      ({ name, spanId }) => name === 'scheduling round' && spanId === place.links[0]?.spanId,
    ) as ReceivedSpan;
    expect(round.traceId).not.toBe(place.traceId);
    expect(round.links.map(({ traceId }) => traceId)).toContain(place.traceId);
  });

  it('joins the trace of any HTTP client that sends one, and keeps it in the log', async () => {
    const traceId = 'abcdef0123456789'.repeat(2);
    const token = readFileSync(join(skyflow.home, 'token'), 'utf8').trim();
    const url = `http://127.0.0.1:${skyflow.port}/api/v1/namespaces/default/configmaps`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        traceparent: `00-${traceId}-${'1'.repeat(16)}-01`,
      },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'by-fetch' } }),
    });
    expect(answer.status).toBe(201);
    await eventually('its spans are there', () => {
      const [server] = spansOf(traceId).filter(({ kind }) => kind === KIND.server);
      expect(server?.parentSpanId).toBe('1'.repeat(16));
    });
    const log = await fetch(`http://127.0.0.1:${skyflow.port}/log`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await log.text()).toContain(traceId);
  });

  it('has its ids in the lines that services log meanwhile', async () => {
    const traceId = 'fedcba9876543210'.repeat(2);
    const refused = await fetch(`http://127.0.0.1:${skyflow.port}/api/v1/namespaces/default/configmaps`, {
      headers: { traceparent: `00-${traceId}-${'2'.repeat(16)}-01`, authorization: 'Bearer nonsense' },
    });
    expect(refused.status).toBe(401);
    const directory = join(skyflow.home, 'run/logs');
    await eventually('it is logged', () => {
      const lines = readdirSync(directory)
        .flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'))
        .filter((line) => line.includes(`"trace_id":"${traceId}"`));
      expect(lines.some((line) => line.includes('"span_id"'))).toBe(true);
    });
  });
});
