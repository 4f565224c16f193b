/**
 * k3s and RKE2 over real SSH, against scripted hosts (testing/k3s-host.mjs): no binary of either can be had here, so what is shown is what the
 * driver does on a host, not that k3s then runs.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DriverCommand } from '@skyflow/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { parse } from 'yaml';
import { SshHost } from '../../testing/ssh-host.js';
import type { DriverCluster, DriverNode, RunResult } from '../cluster-driver.js';
import { K3sDriver } from './k3s-driver.js';
import { readK3sState } from './k3s-state.js';

const withHost = await needing('sshd', 'Linux');
const PROGRAM = fileURLToPath(new URL('../../testing/k3s-host.mjs', import.meta.url));

const driver = new K3sDriver('k3s', 2);
// Each is a dozen shells over SSH, beside other work.
jest.setTimeout(90_000);

it('refuses servers without etcd, in words', () => {
  const nodes = [{ name: 'n-0', roles: ['controlplane'] }] as unknown as DriverNode[];
  expect(() => driver.check({ nodes } as unknown as DriverCluster)).toThrow(
    /n-0: the servers of k3s are control plane and etcd in one/,
  );
});

it('knows a cluster before there is one: a kubeconfig that its authorities have signed', async () => {
  const made = await driver.initialise({
    name: 'prod',
    nodes: [],
    podCidr: '',
    serviceCidr: '',
  } as unknown as DriverCluster);
  const state = readK3sState(made.state);
  const { users } = parse(made.kubeconfig) as { users: { user: Record<string, string> }[] };
  const admin = new X509Certificate(Buffer.from(users[0]?.user['client-certificate-data'] ?? '', 'base64'));
  const authority = new X509Certificate(state?.authorities['client-ca']?.certificate ?? '');
  expect(admin.verify(authority.publicKey)).toBe(true);
  expect(admin.subject).toContain('O=system:masters');
  const key = createPrivateKey(Buffer.from(users[0]?.user['client-key-data'] ?? '', 'base64').toString());
  expect(admin.checkPrivateKey(key)).toBe(true);
  expect(driver.fingerprintOf(made.state)).toBe(made.caFingerprint);
  expect(driver.fingerprintOf(made.state.slice(0, -20))).toBeUndefined();
});

const FLAVOURS = [
  {
    ...{ name: 'k3s', version: 'v1.31.4+k3s1', later: 'v1.32.1+k3s1', joins: 'https://127.0.0.1:6443' },
    ...{ server: 'k3s', agent: 'k3s-agent', ofFirst: { 'cluster-init': true } },
  },
  {
    ...{ name: 'rke2', version: 'v1.31.4+rke2r1', later: 'v1.32.1+rke2r1', joins: 'https://127.0.0.1:9345' },
    ...{ server: 'rke2-server', agent: 'rke2-agent', ofFirst: {} },
  },
] as const;

withHost.describe.each(FLAVOURS)('on hosts, $name', ({ name, version, later, joins, server, agent, ofFirst }) => {
  const driver = new K3sDriver(name === 'rke2' ? 'rke2' : 'k3s', 2);
  let roots: string[];
  let hosts: SshHost[];
  let state = '';
  let lines: string[];

  beforeAll(async () => {
    roots = [0, 1].map((at) => mkdtempSync(join(tmpdir(), `skyflow-k3s-${String(at)}-`)));
    hosts = roots.map((root) => new SshHost(['127.0.0.1'], `${process.execPath} ${PROGRAM} ${root}`));
    await Promise.all(hosts.map((host) => host.start()));
  });
  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    for (const root of roots) rmSync(root, { recursive: true, force: true });
  });
  beforeEach(async () => {
    state = (await driver.initialise(cluster())).state;
    lines = [];
  });
  afterEach(() => {
    for (const root of roots)
      for (const each of [
        'etc',
        'var',
        'usr',
        'bad',
        'journal',
        'bin',
        `active-${server}`,
        `active-${agent}`,
        'deleted-nodes',
        'version',
        'rotations',
      ])
        rmSync(join(root, each), { recursive: true, force: true });
  });

  const cluster = (count = 2): DriverCluster => ({
    ...{
      name: 'prod',
      uid: 'u',
      spec: {},
      kubernetesVersion: version,
      podCidr: '10.44.0.0/16',
      serviceCidr: '10.45.0.0/16',
    },
    nodes: hosts.slice(0, count).map((host, at) => ({
      ...{ name: `n-${String(at)}`, address: '127.0.0.1', port: host.port, hostKey: host.hostKey, user: host.user },
      ...{ keyPath: host.keyPath, labels: { rack: 'a' } },
      roles: at === 0 ? ['controlplane', 'etcd', 'worker'] : ['worker'],
    })),
  });

  const run = (of: DriverCluster, command: DriverCommand = 'up', snapshot = 'none'): Promise<RunResult> =>
    driver.run(of, {
      ...{ run: 1, command, snapshot, recovery: false, state, signal: new AbortController().signal },
      onLines: (more) => lines.push(...more),
      onStage: () => undefined,
      onState: (changed) => {
        state = changed;
      },
    });

  const file = (at: number, path: string): string => readFileSync(join(roots[at] ?? '', path), 'utf8');
  const isThere = (at: number, path: string): boolean => existsSync(join(roots[at] ?? '', path));
  const config = (at: number): Record<string, unknown> =>
    parse(file(at, `etc/rancher/${name}/config.yaml`)) as Record<string, unknown>;

  it('gives every node its token, the first its authorities, and again changes nothing', async () => {
    expect(await run(cluster())).toMatchObject({ outcome: 'Done' });
    const made = readK3sState(state);
    expect(config(0)).toEqual({
      ...{ token: made?.token, 'node-name': 'n-0', 'node-label': ['rack=a'], ...ofFirst },
      ...{ 'tls-san': ['127.0.0.1'], 'cluster-cidr': '10.44.0.0/16', 'service-cidr': '10.45.0.0/16' },
    });
    expect(config(1)).toEqual({
      token: made?.token,
      server: joins,
      'node-name': 'n-1',
      'node-label': ['rack=a'],
    });
    const tls = `var/lib/rancher/${name}/server/tls`;
    expect(file(0, `${tls}/server-ca.crt`)).toBe(made?.authorities['server-ca']?.certificate);
    expect(file(0, `${tls}/etcd/peer-ca.key`)).toBe(made?.authorities['etcd/peer-ca']?.privateKey);
    expect(isThere(1, tls)).toBe(false);
    expect(made?.nodes.map(({ name }) => name)).toEqual(['n-0', 'n-1']);
    const told = lines.join('\n');
    expect(told).toContain(`[n-0] [INFO]  Installing ${server} ${version}\n`);
    expect(told).toContain(`[n-1] [INFO]  Installing ${agent} ${version}\n`);
    expect(told).toContain('[n-1] [agent] n-1: done');
    lines = [];
    expect(await run(cluster())).toMatchObject({ outcome: 'Done' });
    expect(lines.join('\n')).not.toContain('Installing');
    expect(readK3sState(state)).toEqual(made);
  });

  it('takes off what is not wanted any more, and all of it in the end', async () => {
    await run(cluster());
    expect(await run(cluster(1))).toMatchObject({ outcome: 'Done' });
    expect(file(0, 'deleted-nodes')).toBe('n-1\n');
    expect(isThere(1, `etc/rancher/${name}`)).toBe(false);
    expect(readK3sState(state)?.nodes.map(({ name }) => name)).toEqual(['n-0']);
    expect(await run(cluster(1), 'remove')).toMatchObject({ outcome: 'Done' });
    expect([isThere(0, `etc/rancher/${name}`), isThere(0, 'var/lib/rancher'), isThere(0, `active-${server}`)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await run(cluster(1), 'remove')).toMatchObject({ outcome: 'Done' });
  });

  it('is another version after an upgrade, and installs nothing that is there', async () => {
    await run(cluster());
    const upgraded = { ...cluster(), kubernetesVersion: later };
    lines = [];
    expect(await run(upgraded)).toMatchObject({ outcome: 'Done' });
    expect([file(0, 'version'), file(1, 'version')]).toEqual([later, later]);
    lines = [];
    await run(upgraded);
    expect(lines.join('\n')).not.toContain('Installing');
  });

  it('has new certificates on every node, and a new one of its administrator under the same authority', async () => {
    await run(cluster());
    const before = readK3sState(state);
    const result = await run(cluster(), 'rotateCertificates');
    expect(result).toMatchObject({ outcome: 'Done' });
    expect([file(0, 'rotations'), file(1, 'rotations')]).toEqual(['rotated\n', 'rotated\n']);
    expect([isThere(0, `active-${server}`), isThere(1, `active-${agent}`)]).toEqual([true, true]);
    const after = readK3sState(state);
    expect(after?.authorities).toEqual(before?.authorities);
    expect(after?.admin.certificate).not.toBe(before?.admin.certificate);
    const { users } = parse(result.kubeconfig ?? '') as { users: { user: Record<string, string> }[] };
    const admin = new X509Certificate(Buffer.from(users[0]?.user['client-certificate-data'] ?? '', 'base64'));
    const authority = new X509Certificate(after?.authorities['client-ca']?.certificate ?? '');
    expect(admin.verify(authority.publicKey)).toBe(true);
  });

  it('goes back to the snapshot that was asked for, twice if need be, and stops nothing for one that is not there', async () => {
    await run(cluster(1));
    const data = join(roots[0] ?? '', `var/lib/rancher/${name}/server/db/data`);
    mkdirSync(dirname(data), { recursive: true });
    writeFileSync(data, 'before');
    expect(await run(cluster(1), 'snapshot', 'snapshot-1')).toMatchObject({ outcome: 'Done' });
    writeFileSync(data, 'after');
    expect(await run(cluster(1), 'restore', 'snapshot-2')).toMatchObject({
      outcome: 'Failed',
      failure: { class: 'config', message: 'n-0 has no snapshot snapshot-2: nothing was stopped' },
    });
    expect([isThere(0, `active-${server}`), readFileSync(data, 'utf8')]).toEqual([true, 'after']);
    for (const _time of [1, 2]) {
      expect(await run(cluster(1), 'restore', 'snapshot-1')).toMatchObject({ outcome: 'Done' });
      expect([isThere(0, `active-${server}`), readFileSync(data, 'utf8')]).toEqual([true, 'before']);
    }
  });

  it.each([
    ['curl', 'network', 'cannot be fetched'],
    ['ready', 'healthcheck', 'did not become ready'],
  ])(
    'says what is wrong: %s',
    async (bad, kind, words) => {
      writeFileSync(join(roots[0] ?? '', 'bad'), bad);
      expect(await run(cluster(1))).toMatchObject({
        outcome: 'Failed',
        failure: { class: kind, message: expect.stringContaining(words) },
      });
      rmSync(join(roots[0] ?? '', 'bad'));
      expect(await run(cluster(1))).toMatchObject({ outcome: 'Done' });
    },
    60_000,
  );

  it('does not touch a host of another cluster', async () => {
    await run(cluster(1));
    const before = file(0, `etc/rancher/${name}/config.yaml`);
    ({ state } = await driver.initialise(cluster(1)));
    expect(await run(cluster(1))).toMatchObject({ outcome: 'Failed', failure: { class: 'dangerous' } });
    expect(file(0, `etc/rancher/${name}/config.yaml`)).toBe(before);
  });

  it('stops where another token has made the datastore', async () => {
    await run(cluster(1));
    const made = readK3sState(state);
    state = JSON.stringify({ ...made, token: 'f'.repeat(64) });
    rmSync(join(roots[0] ?? '', `active-${server}`));
    expect(await run(cluster(1))).toMatchObject({
      failure: { class: 'dangerous', line: expect.stringContaining('encrypted with different token') },
    });
  }, 60_000);
});
