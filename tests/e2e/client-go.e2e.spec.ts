/**
 * client-go, as controllers and operators use it, against the super-cluster: informers, server-side apply, scale, the dynamic client,
 * logs and commands, watches that go on. Only on embedded: what it asks is the gateway's to answer, on whatever clusters.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { parse, stringify } from 'yaml';
import { goClient } from './fixture/go-client.js';
import { Skyflow } from './fixture/skyflow.js';

const isHere = (process.env.SKYFLOW_E2E_ON ?? 'embedded') === 'embedded';
// Before the tests, which have time limits: a machine that never compiled Kubernetes takes minutes.
const found = isHere ? await goClient() : { why: '' };
const program = 'program' in found ? found.program : undefined;
if (isHere && 'why' in found) process.stderr.write(`client-go is not tested: ${found.why}\n`);
const described = program === undefined ? describe.skip : describe;

described('a program with client-go', () => {
  const skyflow = new Skyflow();
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-client-go-'));
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
    rmSync(folder, { recursive: true });
  }, 60_000);

  it('lists, watches, applies, scales, reads logs, runs a command and deletes', async () => {
    // What `kubectl config use-context skyflow` writes.
    const given = parse(readFileSync(join(skyflow.home, 'skyflow.kubeconfig'), 'utf8')) as object;
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, stringify({ ...given, 'current-context': 'skyflow' }));
    const { stdout, stderr, exitCode } = await execa(program ?? '', [kubeconfig], { reject: false, timeout: 330_000 });
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    // Controllers elect one of theirs by a Lease, where those are served.
    const leases = expect.stringMatching(/^(leads|leases not served)$/);
    expect(stdout.split('\n')).toEqual([
      'version 1',
      'informed gopher',
      'ready 2',
      'applied 3 conflict true',
      'scaled 1',
      'clusters 2 phase RUNNING',
      'log up exec hi',
      'watched ADDED DELETED',
      leases,
      'deleted',
    ]);
  }, 360_000);
});
