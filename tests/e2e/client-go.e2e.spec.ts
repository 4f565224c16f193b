/**
 * client-go, as controllers and operators use it, against the super-cluster: informers, server-side apply, scale, the dynamic client,
 * logs and commands, watches that go on. Only on embedded: what it asks is the gateway's to answer, on whatever clusters.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { execa } from 'execa';
import { goClient } from './fixture/go-client.js';
import { Skyflow, eventually } from './fixture/skyflow.js';

// Before the tests, which have time limits: a machine that never compiled Kubernetes takes minutes.
const withClientGo = await needing('embedded clusters', 'client-go');

withClientGo.describe('a program with client-go', () => {
  const skyflow = new Skyflow();
  let program: string;
  let kubeconfig: string;

  beforeAll(async () => {
    const found = await goClient();
    if ('why' in found) throw new Error(found.why);
    program = found.program;
    await skyflow.up();
    kubeconfig = join(skyflow.home, 'skyflow.kubeconfig');
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  it('lists, watches, applies, scales, reads logs, runs a command and deletes', async () => {
    const { stdout, stderr, exitCode } = await execa(program, [kubeconfig], { reject: false, timeout: 330_000 });
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([
      'version 1',
      'informed gopher',
      'ready 2',
      'applied 3 conflict true',
      'scaled 1',
      'clusters 2 phase RUNNING',
      'log up exec hi',
      'watched ADDED DELETED',
      'leads and renews',
      'gives it up',
      'deleted',
    ]);
  }, 360_000);

  it('leads until it is killed, and then another one does', async () => {
    const candidates = ['first', 'second'].map((name) => {
      const running = execa(program, [kubeconfig, name], { reject: false, timeout: 120_000 });
      let said = '';
      running.stdout.on('data', (text) => (said += String(text)));
      return { running, said: () => said };
    });
    const [first, second] = candidates as [(typeof candidates)[0], (typeof candidates)[0]];
    const leaders = (): number => candidates.filter(({ said }) => said().includes('leads')).length;
    await eventually('one leads', () => expect(leaders()).toBeGreaterThan(0));
    const leader = first.said().includes('leads') ? first : second;
    const other = leader === first ? second : first;
    await eventually('the other waits', () => expect(other.said()).toContain('waits'));
    expect(leaders()).toBe(1);
    leader.running.kill('SIGKILL');
    await eventually('the other leads', () => expect(other.said()).toContain('leads'), 60_000);
    other.running.kill('SIGTERM');
    await Promise.all(candidates.map(({ running }) => running));
  }, 150_000);
});
