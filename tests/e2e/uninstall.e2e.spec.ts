/** Clean removal, typed as a user types it: what was on the clusters and in the home before is there afterwards, and nothing else. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { eventually, Skyflow, type Output } from './fixture/skyflow.js';

const SKYCTL = join(import.meta.dirname, '../../apps/skyctl/bin/skyctl.mjs');
/** What changes by itself, whoever does what. */
const RESTLESS = /^(events|leases|nodes|componentstatuses|pods\.metrics|nodes\.metrics|apiservices)(\.|$)/;

/** As `skyctl kubeconfig --merge` writes the rest of a file. */
const KUBECONFIG = stringify({
  apiVersion: 'v1',
  kind: 'Config',
  contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'me' } }],
  clusters: [{ name: 'prod', cluster: { server: 'https://192.0.2.1' } }],
  users: [{ name: 'me', user: { token: 't' } }],
  'current-context': 'prod',
});

const skyflow = new Skyflow();
// Embedded clusters end with the instance: there is nothing before it and nothing after it.
const onClustersApart = await needing('clusters apart from SkyFlow');
const isApart = onClustersApart.isMet;

describe('uninstall', () => {
  const [first, second] = skyflow.clusters.contexts;
  const user = mkdtempSync(join(tmpdir(), 'skyflow-user-'));
  const before = new Map<string, Map<string, string>>();

  /** As the user whose home is `user`: nothing of the one who runs the tests is looked at. */
  const skyctl = async (args: string[], settings: Record<string, string> = {}): Promise<Output> => {
    const env = { PATH: process.env.PATH ?? '', HOME: user, SKYFLOW_HOME: skyflow.home, NO_COLOR: '1', ...settings };
    const { exitCode, stdout, stderr } = await execa(process.execPath, [SKYCTL, ...args], {
      env,
      extendEnv: false,
      reject: false,
      timeout: 240_000,
    });
    return { code: exitCode ?? -1, stdout, stderr };
  };
  const kubectl = async (context: string, args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await skyflow.kubectl(context, args);
    expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  };
  const applied = async (context: string, object: object): Promise<void> => {
    const file = join(user, 'object.json');
    writeFileSync(file, JSON.stringify(object));
    await kubectl(context, ['apply', '-f', file]);
    rmSync(file);
  };
  /** Every object, but for what changes by itself. */
  const everything = async (context: string): Promise<Map<string, string>> => {
    const kinds = (await kubectl(context, ['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
    const wanted = kinds.filter((kind) => !RESTLESS.test(kind)).join(',');
    const { items } = JSON.parse(
      await kubectl(context, ['get', wanted, '-A', '-o', 'json', '--show-managed-fields']),
    ) as {
      items: { kind: string; metadata: { name: string; namespace?: string; resourceVersion?: string } }[];
    };
    return new Map(
      items.map((item) => {
        const { resourceVersion: _, ...metadata } = item.metadata;
        return [`${item.kind} ${metadata.namespace ?? ''}/${metadata.name}`, JSON.stringify({ ...item, metadata })];
      }),
    );
  };
  const isAsBefore = (context: string): Promise<void> =>
    eventually(
      `${context} is as it was`,
      async () => expect(await everything(context)).toEqual(before.get(context)),
      60_000,
    );
  /** Everything that SkyFlow makes: workloads with what they refer to, in a namespace of its own, and a service over both clusters. */
  const fill = async (): Promise<void> => {
    const container = {
      name: 'a',
      image: 'example.com/simulated',
      envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'key' } }],
    };
    const labels = { app: 'web' };
    const file = join(user, 'web.json');
    const items = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' }, data: { a: 'b' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'shop' }, stringData: { k: 'v' } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'shop' },
        spec: {
          replicas: 4,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              priorityClassName: 'urgent',
              containers: [{ ...container, resources: { requests: { cpu: '600m' } } }],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web', namespace: 'shop' },
        spec: { selector: labels, ports: [{ port: 80 }] },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'once', namespace: 'shop' },
        spec: {
          ttlSecondsAfterFinished: 100,
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'example.com/simulated' }] } },
        },
      },
    ];
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    expect(await skyctl(['apply', '-f', file])).toMatchObject({ code: 0 });
    rmSync(file);
    for (const context of [first, second]) {
      await eventually(
        `${context} has what SkyFlow makes`,
        async () => {
          const there = await kubectl(context, [
            'get',
            'deployments,configmaps,secrets,replicasets,pods',
            '-n',
            'shop',
            '-o',
            'name',
          ]);
          for (const name of ['deployment.apps/web', 'configmap/settings', 'secret/key', 'pod/web-'])
            expect(there).toContain(name);
        },
        60_000,
      );
    }
  };

  beforeAll(async () => {
    mkdirSync(join(user, '.kube'));
    mkdirSync(join(user, '.cache/others'), { recursive: true });
    mkdirSync(join(user, '.cache/skyflow'));
    writeFileSync(join(user, '.bashrc'), 'alias ll="ls -l"\n');
    writeFileSync(join(user, '.kube/config'), KUBECONFIG);
    if (isApart) {
      await skyflow.clusters.upArguments();
      for (const context of [first, second]) {
        await applied(context, {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'theirs', annotations: { 'skyflow.io/note': 'a mark of mine' } },
        });
        await applied(context, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'theirs', namespace: 'theirs' },
          data: { a: '1' },
        });
        await eventually('the namespace has what every namespace has', async () =>
          expect(await kubectl(context, ['get', 'serviceaccount,configmap', '-n', 'theirs', '-o', 'name'])).toMatch(
            /default[^]*kube-root/,
          ),
        );
        before.set(context, await everything(context));
      }
    }
    await skyflow.up();
    await fill();
  }, 240_000);

  afterAll(async () => {
    await skyflow.remove();
    rmSync(user, { recursive: true, force: true });
  }, 60_000);

  it('changes nothing without --yes, and says what it would', async () => {
    const { code, stdout } = await skyctl(['uninstall', '--cluster', second, '--dry-run']);
    expect(code).toBe(0);
    for (const line of [
      'delete Deployment shop/web',
      'delete Secret shop/key',
      'delete Namespace shop',
      'delete PriorityClass urgent',
      `cluster ${second} is taken out of it`,
    ])
      expect(stdout).toContain(line);
    expect(await skyctl(['uninstall'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--dry-run') as unknown,
    });
    expect(await kubectl(second, ['get', 'deployment', 'web', '-n', 'shop', '-o', 'name'])).toContain('web');
  });

  it('takes one cluster out while SkyFlow runs; a namespace with something of others stays, without marks', async () => {
    await applied(second, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'shop' } });
    const { code, stdout, stderr } = await skyctl(['uninstall', '--cluster', second, '--yes']);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    expect(stdout).toContain(
      "keep Namespace shop, without SkyFlow's marks: it holds ConfigMap shop/mine, which SkyFlow did not make",
    );
    expect(stdout).toContain('nothing of SkyFlow is left');
    const { metadata } = JSON.parse(await kubectl(second, ['get', 'namespace', 'shop', '-o', 'json'])) as {
      metadata: { labels: object };
    };
    expect(metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'shop' });
    await kubectl(second, ['delete', 'namespace', 'shop']);
    if (isApart) await isAsBefore(second);
    expect((await skyctl(['get', 'clusters', '-o', 'name'])).stdout).toBe(`cluster.skyflow.io/${first}`);
  }, 240_000);

  onClustersApart.it(
    'leaves a cluster byte for byte as it was, by its kubeconfig alone',
    async () => {
      const manifest = join(user, 'join.yaml');
      writeFileSync(
        manifest,
        (await skyctl(['cluster', 'join', 'by-manifest', '--api-url', 'https://192.0.2.1'])).stdout,
      );
      await kubectl(first, ['apply', '-f', manifest]);
      rmSync(manifest);
      await skyflow.killRunner();
      await skyflow.down();
      const kubeconfig = skyflow.clusters.kubeconfig(skyflow.home);
      const elsewhere = { SKYFLOW_HOME: join(user, 'no-skyflow-here') };
      const { code, stdout, stderr } = await skyctl(
        ['uninstall', '--cluster', first, '--kubeconfig', kubeconfig, '--yes'],
        elsewhere,
      );
      expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
      expect(stderr).toContain('SkyFlow itself cannot be asked');
      for (const line of [
        'delete Deployment skyflow/skyflow-agent',
        'delete ClusterRole skyflow-agent-sees-kubernetes',
        'delete Namespace skyflow',
        'delete Deployment shop/web',
      ])
        expect(stdout).toContain(line);
      await isAsBefore(first);
      const again = await skyctl(['uninstall', '--cluster', first, '--kubeconfig', kubeconfig, '--yes'], elsewhere);
      expect(again).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('nothing of SkyFlow is there') as unknown,
      });
    },
    240_000,
  );

  it('says of a cluster that cannot be reached what to do', async () => {
    const kubeconfig = join(user, 'away.kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        contexts: [{ name: 'away', context: { cluster: 'c' } }],
        clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
      }),
    );
    const { code, stdout } = await skyctl(['uninstall', '--cluster', 'away', '--kubeconfig', kubeconfig, '--dry-run']);
    expect(code).toBe(6);
    expect(stdout).toMatch(/cannot be reached: .*ECONNREFUSED/);
    expect(stdout).toContain(`skyctl uninstall --cluster away --kubeconfig ${kubeconfig} --yes`);
    rmSync(kubeconfig);
    expect(await skyctl(['uninstall', '--cluster', 'nowhere', '--dry-run'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no way to cluster nowhere') as unknown,
    });
  });

  it('leaves a workstation as it was: processes, data, caches, contexts, completions', async () => {
    const files = (): Record<string, string> =>
      Object.fromEntries(
        readdirSync(user, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .filter((path) => !path.includes('.cache/skyctl'))
          .map((path) => [path, readFileSync(path, 'utf8')]),
      );
    const clean = files();
    writeFileSync(join(user, '.bashrc'), `${clean[join(user, '.bashrc')] ?? ''}source <(skyctl completion bash)\n`);
    mkdirSync(join(user, '.config/fish/completions'), { recursive: true });
    writeFileSync(join(user, '.config/fish/completions/skyctl.fish'), (await skyctl(['completion', 'fish'])).stdout);
    writeFileSync(join(user, '.cache/skyflow/nats-server-0'), '');
    await skyctl(['config', 'set-context', 'tls', '--server', 'https://127.0.0.1:1', '--token', 't']);
    const written = await skyctl(['kubeconfig', '--merge', '--context', 'tls']);
    expect(written.stdout).toMatch(/Context "skyflow" merged into/);
    writeFileSync(join(skyflow.home, 'thesis.doc'), 'ten years of work');
    if (isApart) await skyflow.up();
    const pids = Object.values(skyflow.processes());
    const { code, stdout, stderr } = await skyctl(['uninstall', '--yes']);
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    expect(stdout).toContain('stays: thesis.doc');
    expect(stdout).toContain('This workstation: everything of SkyFlow is gone');
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(readdirSync(skyflow.home)).toEqual(['thesis.doc']);
    expect(files()).toEqual(clean);
    expect(readdirSync(join(user, '.cache'))).toEqual(['others']);
    if (isApart) for (const context of [first, second]) await isAsBefore(context);
  }, 240_000);
});
