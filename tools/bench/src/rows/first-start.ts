/** B21: from a clean clone to a SkyFlow that answers, and the second start. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../control-plane.js';
import { Instance } from '../instance.js';
import type { Suite } from '../row.js';

export const firstStart: Suite = {
  budgets: [
    { id: 'B21a', name: 'clean clone → usable', unit: 's', better: 'lower', floor: 180, aim: 90 },
    { id: 'B21b', name: 'second start', unit: 's', better: 'lower', floor: 10, aim: 4 },
  ],
  async run(report, say) {
    const folder = mkdtempSync(join(tmpdir(), 'skyflow-clone-'));
    const clone = join(folder, 'skyflow');
    const instance = await Instance.create(clone);
    try {
      execFileSync('git', ['clone', '--quiet', root, clone]);
      say('B21: npm run up in a clean clone');
      // nothing cached but npm's and Go's downloads, which the budget leaves out
      const fresh = {
        SKYFLOW_CACHE: join(folder, 'cache'),
        GOCACHE: join(folder, 'go-build'),
        npm_config_prefer_offline: 'true',
      };
      const port = String(instance.httpPort);
      const from = performance.now();
      await instance.run('npm', ['run', 'up', '--', '--detach', '--port', port], fresh);
      report('B21a', {
        value: (performance.now() - from) / 1_000,
        note: 'npm packages and Go modules from local caches; everything else made anew, nats-server included',
      });
      await instance.run('npm', ['run', 'down'], fresh);
      say('B21: second start');
      const again = performance.now();
      await instance.run('npm', ['run', 'up', '--', '--detach', '--port', port], fresh);
      report('B21b', { value: (performance.now() - again) / 1_000 });
      await instance.run('npm', ['run', 'down', '--', '--purge'], fresh);
    } finally {
      rmSync(instance.home, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
