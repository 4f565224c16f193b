/** Metrics as Prometheus reads them, and as a collector gets them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadResource } from '@skyflow/telemetry';
import { OtlpReceiver } from '@skyflow/telemetry/testing';
import { createMetrics, type Metrics } from './metrics.js';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);
const OPEN = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
const hasPromtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;

describe('metrics of a process', () => {
  const servers: Server[] = [];
  let metrics: Metrics | undefined;

  afterEach(async () => {
    await metrics?.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function scrape(of: Metrics, accept = 'text/plain'): Promise<{ type: string | null; text: string }> {
    const serving = createServer((request, response) => of.serve(request, response));
    servers.push(serving);
    await new Promise<void>((resolve) => serving.listen(0, '127.0.0.1', resolve));
    const answer = await fetch(`http://127.0.0.1:${(serving.address() as AddressInfo).port}`, { headers: { accept } });
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  }

  it('are read without OpenTelemetry where there are no instruments', async () => {
    metrics = createMetrics('small');
    metrics.observe({
      name: 'skyflow_things_total',
      description: 'Things.',
      type: 'counter',
      read: () => [[{ kind: 'a "b"' }, 2]],
    });
    const { text, type } = await scrape(metrics);
    expect(type).toContain('text/plain');
    expect(text).toContain('# TYPE skyflow_things_total counter\nskyflow_things_total{kind="a \\"b\\""} 2\n');
    expect(text).toMatch(/^skyflow_process_cpu_seconds_total \d/m);
  });

  it('name a trace beside a bucket in OpenMetrics, and in that format only', async () => {
    metrics = createMetrics('traced');
    const histogram = metrics.histogram('skyflow_wait_milliseconds', { description: 'Waits.', bounds: [5, 10] });
    histogram.record(7, { verb: 'get', code: 200 }, `00-${TRACE}-${SPAN}-01`);
    histogram.record(3, { verb: 'get', code: 200 }, `00-${TRACE}-${SPAN}-00`);
    metrics.meter.createCounter('skyflow_seen_total', { description: 'Seen.' }).add(1);
    const { text, type } = await scrape(metrics, OPEN);
    expect(type).toContain('application/openmetrics-text');
    const buckets = text.split('\n').filter((line) => line.startsWith('skyflow_wait_milliseconds_bucket'));
    expect(buckets.map((line) => / # (\{.*\}) 7 \d+\.\d{3}$/.exec(line)?.[1])).toEqual([
      undefined,
      `{trace_id="${TRACE}",span_id="${SPAN}"}`,
      undefined,
    ]);
    expect(text).toContain('# TYPE skyflow_seen counter\nskyflow_seen_total');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const plain = await scrape(metrics);
    expect(plain.text).not.toContain('trace_id');
    expect(plain.text).toContain('# TYPE skyflow_seen_total counter');
    // Debian: prometheus; it reads the older format only.
    if (hasPromtool) {
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: plain.text, encoding: 'utf8' });
      expect(stderr.split('\n').filter((line) => /error/i.test(line) && !line.includes('target_info'))).toEqual([]);
      expect([0, 3]).toContain(status);
    }
  });

  it('go to a collector too, the last ones when it is closed', async () => {
    const receiver = await OtlpReceiver.start();
    const resource = await loadResource({ service: 'sender', instance: '1', version: '1' });
    metrics = createMetrics('sender', {
      url: `${receiver.endpoint}/v1/metrics`,
      resource,
      intervalMs: 60_000,
      timeoutMs: 5_000,
    });
    await metrics.close();
    await receiver.close();
    expect([...(receiver.metrics.get('sender') ?? [])].sort()).toEqual([
      'skyflow_process_cpu_seconds_total',
      'skyflow_process_resident_memory_bytes',
    ]);
  });
});
