import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogAge } from '@skyflow/event-log';
import { createMetrics } from '@skyflow/service';
import { historyMetrics } from './history-metrics.js';

async function page(age: () => Promise<LogAge>): Promise<string> {
  const metrics = createMetrics('test');
  const end = historyMetrics(metrics, age);
  const server = createServer((request, response) => metrics.serve(request, response)).listen(0, '127.0.0.1');
  try {
    await new Promise((resolve) => setImmediate(resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
    return (await answer.text()).replaceAll(/^#.*\n/gm, '');
  } finally {
    end();
    server.close();
    await metrics.close();
  }
}

describe('metrics of old history', () => {
  it('say since when the log goes, and what is kept how often and was last looked after', async () => {
    const retention = { keepMs: 7_776_000_000, everyMs: 86_400_000, ranAt: 1_700_000_000_500 };
    const text = await page(() => Promise.resolve({ beginsAt: 1_690_000_000_000, retention }));
    expect(text).toContain('skyflow_history_begins_timestamp_seconds 1690000000\n');
    expect(text).toContain('skyflow_retention_keep_seconds 7776000\n');
    expect(text).toContain('skyflow_retention_interval_seconds 86400\n');
    expect(text).toContain('skyflow_retention_last_run_timestamp_seconds 1700000000.5\n');
  });

  it('are 0 where nothing is known: nobody looks after it, or the log is away', async () => {
    for (const age of [
      () => Promise.resolve({ beginsAt: undefined, retention: undefined }),
      () => Promise.reject(new Error('the log is away')),
    ]) {
      const text = await page(age);
      expect(text.match(/^skyflow_(history|retention)_\w+ 0$/gm)).toHaveLength(4);
    }
  });
});
