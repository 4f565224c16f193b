/** The program: ready line, kubeconfig, restart with the same contexts, stop, and a kill that leaves nothing. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './testing/cluster-fixture.js';

const program = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'main.js');

describe('the embedded-cluster program', () => {
  let directory: string;
  let child: ChildProcess;

  beforeEach(() => {
    if (!existsSync(program)) throw new Error('build first: npx nx build embedded-cluster');
    directory = mkdtempSync(join(tmpdir(), 'skyflow-embedded-main-'));
  });
  afterEach(async () => {
    await stop('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  const kubeconfig = (): string => join(directory, 'kubeconfig');
  const configure = (config: object): string => {
    const path = join(directory, 'config.json');
    writeFileSync(path, JSON.stringify({ kubeconfig: kubeconfig(), ...config }));
    return path;
  };

  async function start(config: string): Promise<string> {
    child = spawn(process.execPath, [program, '--config', config], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', SKYFLOW_HEALTH_PORT: '0' },
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    await until('the ready line', () => output.includes('"msg":"ready"') || child.exitCode !== null);
    return output;
  }

  async function stop(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  }

  const run = (args: string[], input?: string) =>
    runKubectl(args, { kubeconfig: kubeconfig(), ...(input === undefined ? {} : { input }) });

  it('writes a private kubeconfig whose contexts outlive it, and stops at once when asked', async () => {
    const config = configure({ clusters: [{ name: 'a', nodes: [{ name: 'n' }] }, { name: 'b' }] });
    await start(config);
    expect(statSync(kubeconfig()).mode & 0o777).toBe(0o600);
    expect((await run(['--context', 'a', 'get', 'nodes', '-o', 'name'])).stdout.trim()).toBe('node/n');
    const before = readFileSync(kubeconfig(), 'utf8');
    const startedMs = Date.now();
    expect(await stop('SIGTERM')).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(5000);
    await start(config);
    expect(readFileSync(kubeconfig(), 'utf8')).toBe(before);
  });

  it('tells a watch of the life before to list again', async () => {
    const config = configure({ clusters: [{ name: 'a', nodes: [{ name: 'n' }] }] });
    await start(config);
    const list = JSON.parse((await run(['get', '--raw', '/api/v1/nodes'])).stdout) as {
      metadata: { resourceVersion: string };
    };
    await stop('SIGKILL');
    await start(config);
    const path = `/api/v1/nodes?watch=1&timeoutSeconds=1&resourceVersion=${list.metadata.resourceVersion}`;
    const { stdout, stderr } = await run(['get', '--raw', path]);
    expect(stdout + stderr).toMatch(/410|too old/);
  });

  it('turns away who has no token', async () => {
    await start(configure({ clusters: [{ name: 'a' }] }));
    const { code, stderr } = await run(['--token', 'guessed', 'get', 'nodes']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('You must be logged in');
  });

  it('takes its pods with it when it is killed', async () => {
    await start(configure({ clusters: [{ name: 'a', runtime: 'process', nodes: [{ name: 'n' }] }] }));
    const seconds = String(200_000 + process.pid);
    const script = `trap '' TERM; setsid sleep ${seconds} & sleep ${seconds}`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i', command: ['sh', '-c', script] }] },
    };
    expect((await run(['create', '-f', '-'], JSON.stringify(pod))).code).toBe(0);
    const left = (): number =>
      execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line === `sleep ${seconds}`).length;
    await until('its processes', () => left() === 2);
    await stop('SIGKILL');
    await until('nothing left', () => left() === 0);
  });

  it('names the wrong field of its configuration', async () => {
    const config = configure({ clusters: [{ name: 'a', nodes: [{ name: 'n', cpu: 'lots' }] }] });
    child = spawn(process.execPath, [program, '--config', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', SKYFLOW_HEALTH_PORT: '0' },
    });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    await once(child, 'close');
    expect(errors).toContain('clusters.0.nodes.0.cpu');
    expect(child.exitCode).not.toBe(0);
  });
});
