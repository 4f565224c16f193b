/** B22: how long the tests take, as a developer starts them in this checkout. */
import { spawn } from 'node:child_process';
import { root } from '../control-plane.js';
import type { Suite } from '../row.js';

const LAST_CHARACTERS = 2_000;

export const testTime: Suite = {
  budgets: [
    { id: 'B22a', name: '`npm test`, all of it', unit: 'min', better: 'lower', floor: 15, aim: 8 },
    { id: 'B22b', name: '`npm run test:unit`, all day', unit: 's', better: 'lower', floor: 60, aim: 20 },
  ],
  async run(report, say, wanted) {
    if (wanted.has('B22b')) {
      say('B22b: npm run test:unit');
      report('B22b', { value: await secondsOf('test:unit'), note: 'nothing to install or build' });
    }
    if (wanted.has('B22a')) {
      say('B22a: npm test, which takes long');
      report('B22a', { value: (await secondsOf('test')) / 60, note: 'with what is cached on this machine' });
    }
  },
};

/** @throws Error with the end of what it said, when a test fails */
function secondsOf(script: string): Promise<number> {
  const startedAt = performance.now();
  let said = '';
  const child = spawn('npm', ['run', '--silent', script], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-LAST_CHARACTERS)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve((performance.now() - startedAt) / 1_000);
      else reject(new Error(`npm run ${script} ended with ${code}:\n${said}`));
    });
  });
}
