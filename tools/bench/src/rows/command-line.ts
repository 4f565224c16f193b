/** B18: `skyctl get jobs` beside `kubectl get` of the same list from the same gateway. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { kubectlPath } from '@skyflow/kubectl';
import { Instance } from '../instance.js';
import { JOBS_PATH, jobBody } from '../jobs.js';
import type { Suite } from '../row.js';
import { median } from '../statistics.js';

const JOBS = 100;
const RUNS = 20;

export const commandLine: Suite = {
  budgets: [
    {
      id: 'B18',
      name: '`skyctl get jobs` over `kubectl get jobs`, wall time',
      unit: '×',
      better: 'lower',
      floor: 2,
      aim: 1,
    },
  ],
  async run(report, say) {
    const instance = await Instance.create();
    await instance.up();
    try {
      const items = Array.from({ length: JOBS }, (_, index) => jobBody(`b18-${index}`, '1000'));
      const response = await fetch(`http://127.0.0.1:${instance.httpPort}${JOBS_PATH}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${instance.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ apiVersion: 'skyflow.io/v1', kind: 'JobList', items }),
      });
      if (!response.ok) throw new Error(`create answered ${response.status}: ${await response.text()}`);
      const kubectl = await kubectlPath();
      const kubeconfig = join(instance.home, 'gateway.kubeconfig');
      writeFileSync(kubeconfig, gatewayKubeconfig(instance), { mode: 0o600 });
      const ours = [process.execPath, join(instance.checkout, 'apps/skyctl/bin/skyctl.mjs'), 'get', 'jobs'];
      const theirs = [kubectl, '--kubeconfig', kubeconfig, 'get', 'jobs.skyflow.io'];
      say(`B18: ${RUNS} runs of each, in turn`);
      const times = { ours: [] as number[], theirs: [] as number[] };
      for (let run = -2; run < RUNS; run += 1) {
        const pair = { ours: time(ours, instance), theirs: time(theirs, instance) };
        // The first two fill caches.
        if (run < 0) continue;
        times.ours.push(pair.ours);
        times.theirs.push(pair.theirs);
      }
      const nodeStart = median(Array.from({ length: RUNS }, () => time([process.execPath, '-e', '0'], instance)));
      const value = median(times.ours) / median(times.theirs);
      const shown = `skyctl ${median(times.ours).toFixed(0)} ms, kubectl ${median(times.theirs).toFixed(0)} ms, bare Node ${nodeStart.toFixed(0)} ms`;
      report('B18', {
        value,
        limit: nodeStart / median(times.theirs),
        note: `medians of ${RUNS}: ${shown}; limit: bare Node over kubectl`,
      });
    } finally {
      await instance.remove();
    }
  },
};

function time(command: readonly string[], instance: Instance): number {
  const [file, ...args] = command;
  const from = performance.now();
  execFileSync(file ?? '', args, { env: instance.environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  return performance.now() - from;
}

const gatewayKubeconfig = ({ httpPort, token }: Instance): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'skyflow',
    // kubectl sends no bearer token over plain HTTP; in the address it does, as Basic.
    clusters: [{ name: 'skyflow', cluster: { server: `http://admin:${token}@127.0.0.1:${httpPort}` } }],
    users: [{ name: 'admin', user: {} }],
    contexts: [{ name: 'skyflow', context: { cluster: 'skyflow', user: 'admin' } }],
  });
