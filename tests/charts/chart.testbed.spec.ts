/** The chart of the control plane on a real API server, in a namespace that takes only pods of the restricted profile. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { runKubectl } from '@skyflow/kubectl';
import { execa } from 'execa';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { eventually } from '../e2e/fixture/skyflow.js';
import { type ChartBed, startChartBed } from './chart-bed.js';

const CHART = resolve(import.meta.dirname, '../../deploy/charts/skyflow');
const NAMESPACE = 'skyflow-system';
const WORKLOADS = ['api-gateway', 'mesh-controller', 'nats', 'nats-keys', 'provisioner', 'retention', 'scheduler'];
const KEEPER = resolve(import.meta.dirname, '../../apps/nats-keeper/dist/main.js');
const SKYCTL = resolve(import.meta.dirname, '../../apps/skyctl/bin/skyctl.mjs');
const TWO_NATS = 'nats://127.0.0.1:1,nats://127.0.0.1:2';
const KEY_HOLDERS = ['api-gateway', 'mesh-controller', 'nats-keeper', 'operator', 'provisioner', 'scheduler'];

/** As far as it is looked at, as the next. */
interface Container {
  command: string[];
  env?: { name: string; value?: string }[];
  lifecycle?: { preStop: { exec: { command: string[] } } };
  livenessProbe?: object;
  startupProbe?: object;
}

interface Workload {
  metadata: { name: string };
  spec: {
    template: {
      spec: { containers: Container[]; initContainers?: Container[]; volumes: object[] };
    };
  };
}

describe('the chart of the control plane', () => {
  let bed: ChartBed;

  beforeAll(async () => {
    bed = await startChartBed('chart', NAMESPACE, 3);
  }, 120_000);

  afterAll(async () => {
    await bed.remove();
  }, 60_000);

  const kubectl = (...args: string[]): Promise<string> => bed.kubectl(...args);
  const runHelm = (...args: string[]): Promise<string> => bed.helm(...args);

  /** Deployments and StatefulSets that the chart makes of the values, by name. */
  const workloadsOf = async (...values: string[]): Promise<Map<string, Workload>> =>
    new Map(
      parseAllDocuments(await runHelm('template', 'skyflow', CHART, ...values))
        .map((document) => document.toJS() as (Workload & { kind: string }) | null)
        .filter((each) => each !== null)
        .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
        .map((workload) => [workload.metadata.name, workload]),
    );

  const secret = async (name = 'skyflow'): Promise<Record<string, string>> =>
    (
      JSON.parse(await kubectl('get', 'secret', name, '-n', NAMESPACE, '-o', 'json')) as {
        data?: Record<string, string>;
      }
    ).data ?? {};

  it('is without a fault for helm lint', async () => {
    expect(await runHelm('lint', CHART, '--strict')).toContain('0 chart(s) failed');
  });

  it.each([
    ['gateway.replicas=0', /gateway.replicas|\/gateway\/replicas/],
    ['nats.enabled=false', /nats.url|\/nats\/url/],
    ['gatway.replicas=2', /gatway/],
    ['logLevel=loud', /logLevel/],
    ['nats.replicas=2', /nats.replicas|\/nats\/replicas/],
    ['telemetry.otlpEndpoint=collector:4318', /telemetry.otlpEndpoint|\/telemetry\/otlpEndpoint/],
    ['telemetry.env.PATH=x', /PATH/],
    ['retention.keep=long', /retention.keep|\/retention\/keep/],
    ['retention.every=8d', /retention.every|\/retention\/every/],
    ['retention.place=/backups', /retention.place|\/retention\/place/],
    ['provisioner.settings=x', /settings/],
  ])('refuses %s and names the value', async (value, named) => {
    await expect(runHelm('template', 'skyflow', CHART, '--set', value)).rejects.toThrow(named);
  });

  it.each([
    ['defaults', []],
    ['a NATS of their own', ['--set', 'nats.enabled=false', '--set', 'nats.url=tls://nats.example.com:4222']],
    ['TLS and OIDC', ['--set', 'gateway.tlsSecret=tls', '--set', 'gateway.oidc.issuer=https://id.example.com']],
    ['three nodes of NATS with TLS', ['--set', 'nats.replicas=3', '--set', 'nats.tlsSecret=nats-tls']],
    [
      'a collector',
      [
        ...['--set', 'telemetry.otlpEndpoint=http://collector:4318', '--set', 'telemetry.headersSecret=collector'],
        ...['--set-string', 'telemetry.env.OTEL_TRACES_SAMPLER_ARG=0.1'],
      ],
    ],
    ['old history that goes into a volume', ['--set', 'retention.keep=90d', '--set', 'gateway.tlsSecret=tls']],
    [
      'old history that goes into a store',
      ['--set', 'retention.keep=90d,retention.place=s3://backups/skyflow', '--set', 'retention.credentialsSecret=aws'],
    ],
    ['agents elsewhere', ['--set', 'nats.service.type=LoadBalancer', '--set', 'gateway.service.type=LoadBalancer']],
    ['clouds to build in', ['--set', 'provisioner.settingsSecret=clouds,provisioner.filesSecret=ssh']],
    ['a Secret of their own', ['--set', 'existingSecret=mine,retention.keep=90d']],
  ])('is what the API server takes whole: %s', async (_name, values) => {
    const manifests = await runHelm('template', 'skyflow', CHART, ...values);
    const { code, stdout, stderr } = await runKubectl(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-n', NAMESPACE, '-f', '-'],
      { kubeconfig: bed.kubeconfig, input: manifests },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/deployment.apps\/skyflow-scheduler serverside-applied \(server dry run\)/);
  });

  it('gives the provisioner what seals the clusters that it builds, and what it was given for clouds', async () => {
    const values = ['--set', 'provisioner.settingsSecret=clouds,provisioner.filesSecret=ssh,existingSecret=mine'];
    const pod = (await workloadsOf(...values)).get('skyflow-provisioner')?.spec.template.spec;
    const [container] = pod?.containers ?? [];
    const env = new Map(container?.env?.map(({ name, value }) => [name, value]));
    expect(env.get('SKYFLOW_SEALING_KEYS')).toBe('/etc/skyflow/sealing.keys');
    expect(container).toMatchObject({
      envFrom: [{ secretRef: { name: 'clouds' } }],
      volumeMounts: expect.arrayContaining([
        { name: 'secrets', mountPath: '/etc/skyflow', readOnly: true },
        { name: 'files', mountPath: '/etc/skyflow-provisioner', readOnly: true },
      ]) as unknown,
    });
    expect(pod?.volumes).toEqual(
      expect.arrayContaining([
        { name: 'secrets', secret: { secretName: 'mine', items: [{ key: 'sealing.keys', path: 'sealing.keys' }] } },
        { name: 'files', secret: { secretName: 'ssh' } },
      ]),
    );
  });

  it('takes a Secret that was there before, makes none, and says what is missing in it', async () => {
    const install = ['install', 'own', CHART, '--dry-run=server', '--set', 'existingSecret=mine'];
    const fill = (...literals: string[]): Promise<string> =>
      kubectl(
        'create',
        'secret',
        'generic',
        'mine',
        '-n',
        NAMESPACE,
        ...literals.map((each) => `--from-literal=${each}`),
      );
    await fill('token=t', 'keeper-token=k', 'tokens=k system:nats-keeper system:nats-keepers\n', 'sealing.keys=');
    await expect(runHelm(...install)).rejects.toThrow(
      'existingSecret mine: it has no sealing.keys; with these values it must have the keys token, sealing.keys, keeper-token, tokens',
    );
    await kubectl('delete', 'secret', 'mine', '-n', NAMESPACE);
    await fill('token=t', 'keeper-token=k', 'tokens=other system:nats-keeper system:nats-keepers', 'sealing.keys=0');
    await expect(runHelm(...install)).rejects.toThrow(/its tokens must have the line .* without it no agent is let in/);
    await kubectl('delete', 'secret', 'mine', '-n', NAMESPACE);
    await fill('token=t', 'keeper-token=k', 'tokens=k system:nats-keeper system:nats-keepers', 'sealing.keys=0');
    const made = await runHelm(...install);
    expect(made).toContain('secretName: mine');
    const secrets = [...made.matchAll(/^kind: Secret\nmetadata:\n {2}name: (\S+)/gm)].map(([, name]) => name);
    expect(secrets).toEqual(['own-skyflow-nats-keys']);
    await expect(runHelm(...install, '--set', 'nats.replicas=3,retention.keep=90d')).rejects.toThrow(
      'it has no nats-routes-password, backup.key',
    );
    await kubectl('delete', 'secret', 'mine', '-n', NAMESPACE);
  }, 60_000);

  it('has retention that calls skyctl as it is called, with the key of the operator at all nodes of NATS', async () => {
    const values = ['--set', 'retention.keep=90d,retention.every=12h', '--set', 'nats.replicas=3'];
    const manifests = await runHelm('template', 'skyflow', CHART, ...values);
    const retention = parseAllDocuments(manifests)
      .map((document) => document.toJS() as Workload | null)
      .find((each) => each?.metadata.name === 'skyflow-retention' && 'template' in each.spec);
    const [container] = retention?.spec.template.spec.containers ?? [];
    const place = '/var/lib/skyflow/backups';
    expect(container?.command.join(' ')).toBe(
      `skyctl backup purge ${place} --keep 90d --every 12h --key-file /etc/skyflow/backup.key --yes`,
    );
    const env = new Map(container?.env?.map(({ name, value }) => [name, value]));
    expect(env.get('SKYFLOW_NATS_URL')?.split(',')).toHaveLength(3);
    expect(env.get('SKYFLOW_NATS_KEY_FILE')).toBe('/etc/skyflow-nats/nats.nk');
    expect(retention?.spec.template.spec.volumes).toContainEqual({
      name: 'nats-key',
      secret: { secretName: 'skyflow-nats-keys', items: [{ key: 'operator.nk', path: 'nats.nk' }] },
    });
    // Once, and where nothing is: it takes every word of it, and gets as far as NATS.
    const once = (container?.command ?? []).slice(1).filter((word) => word !== '--every' && word !== '12h');
    const { exitCode, stderr } = await execa(process.execPath, [SKYCTL, ...once], {
      env: { NODE_OPTIONS: '', SKYFLOW_SERVER: 'http://127.0.0.1:1', SKYFLOW_TOKEN: 'x', SKYFLOW_NATS_URL: TWO_NATS },
      reject: false,
    });
    expect([exitCode, stderr]).toEqual([6, expect.stringMatching(/does not let skyctl in/)]);
  }, 90_000);

  it.each([
    ['nats://skyflow-nats-0.skyflow-nats-nodes.skyflow-system.svc:4222', []],
    ['tls://nats.example.org:4222', ['--set', 'nats.agentUrl=tls://nats.example.org:4222']],
    ['tls://skyflow-nats-0.skyflow-nats-nodes.skyflow-system.svc:4222', ['--set', 'nats.tlsSecret=nats-tls']],
  ])('tells agents, which are in other namespaces, that NATS is at %s', async (url, values) => {
    const workloads = await workloadsOf(...values);
    const env = workloads.get('skyflow-api-gateway')?.spec.template.spec.containers[0]?.env ?? [];
    const [own, ofAgents] = ['SKYFLOW_NATS_URL', 'SKYFLOW_AGENT_NATS_URL'].map(
      (variable) => env.find(({ name }) => name === variable)?.value,
    );
    expect(ofAgents ?? own).toBe(url);
  });

  it('calls the nodes of NATS as the certificate does that its values ask for, in every container', async () => {
    const workloads = await workloadsOf(
      '--set',
      'nats.tlsSecret=nats-tls,retention.keep=90d',
      '--set',
      'nats.replicas=3',
    );
    const urls = [...workloads.values()]
      .flatMap(({ spec }) => spec.template.spec)
      .flatMap(({ containers, initContainers = [] }) => [...containers, ...initContainers])
      .flatMap(({ env = [] }) => env.filter(({ name }) => name === 'SKYFLOW_NATS_URL'))
      .flatMap(({ value = '' }) => value.split(','));
    expect(urls).toHaveLength(5 * 3 + 2);
    // Node takes `*.` for no name of two parts.
    const certificate = { subjectaltname: 'DNS:*.skyflow-nats-nodes.skyflow-system.svc' } as PeerCertificate;
    for (const url of urls) {
      const { hostname } = new URL(url.replace('$(NATS_SERVER_NAME)', 'skyflow-nats-0').replace('tls:', 'https:'));
      expect(checkServerIdentity(hostname, certificate)).toBeUndefined();
    }
  });

  it('has gateways that serve on while they are taken out of the Service', async () => {
    const [gateway] = (await workloadsOf()).get('skyflow-api-gateway')?.spec.template.spec.containers ?? [];
    const command = gateway?.lifecycle?.preStop.exec.command ?? [];
    const began = performance.now();
    expect((await execa(process.execPath, command.slice(1), { env: { NODE_OPTIONS: '' } })).exitCode).toBe(0);
    expect([command[0], performance.now() - began > 4_000]).toEqual(['node', true]);
  });

  it('gives every container that is asked whether it lives time to start', async () => {
    const containers = [...(await workloadsOf('--set', 'retention.keep=90d')).values()].flatMap(
      ({ spec }) => spec.template.spec.containers,
    );
    const hurried = containers.filter(({ livenessProbe, startupProbe }) => livenessProbe && !startupProbe);
    expect([containers.length > 4, hurried]).toEqual([true, []]);
  });

  it('has pods that a restricted namespace admits', async () => {
    await runHelm('install', 'skyflow', CHART, '--set', 'retention.keep=90d');
    await eventually(
      'every workload has its pods',
      async () => {
        const listed = JSON.parse(await kubectl('get', 'pods', '-n', NAMESPACE, '-o', 'json')) as {
          items: { metadata: { labels: Record<string, string> } }[];
        };
        const components = listed.items.map(({ metadata }) => metadata.labels['app.kubernetes.io/component']);
        expect([...new Set(components)].sort()).toEqual(WORKLOADS);
        expect(components).toHaveLength(2 * 4 + 1 + 1 + 1);
      },
      60_000,
    );
    // Of an upgrade that failed Helm forgets the job.
    const lives = await kubectl(
      'get',
      'jobs',
      '-n',
      NAMESPACE,
      '-o',
      'jsonpath={.items[*].spec.ttlSecondsAfterFinished}',
    );
    expect(lives).toBe('600');
    const budgets = await kubectl('get', 'pdb', '-n', NAMESPACE, '-o', 'name');
    expect(budgets.trim().split('\n')).toHaveLength(4);
  }, 90_000);

  it('has a job that makes the keys at NATS with the rights that it has, once; an upgrade keeps them', async () => {
    const kubeconfig = await kubeconfigOf('skyflow-nats-keys');
    const makeKeys = async (): Promise<string> =>
      (
        await execa(process.execPath, [KEEPER, 'keys'], {
          env: {
            NODE_OPTIONS: '',
            SKYFLOW_NATS_KEYS_SECRET: `${NAMESPACE}/skyflow-nats-keys`,
            SKYFLOW_KUBECONFIG: kubeconfig,
          },
        })
      ).stdout;
    expect(await secret('skyflow-nats-keys')).toEqual({});
    expect(await makeKeys()).toContain('made now: api-gateway, ');
    const made = await secret('skyflow-nats-keys');
    expect(Object.keys(made).sort()).toEqual(KEY_HOLDERS.flatMap((holder) => [`${holder}.nk`, `${holder}.pub`]));
    expect(await makeKeys()).toContain('made now: none');
    await runHelm('upgrade', 'skyflow', CHART, '--set', 'logLevel=debug');
    expect(await secret('skyflow-nats-keys')).toEqual(made);
    // No other secret than this one.
    const { code, stderr } = await runKubectl(['get', 'secret', 'skyflow', '-n', NAMESPACE], { kubeconfig });
    expect([code, stderr]).toEqual([1, expect.stringContaining('forbidden')]);
  }, 90_000);

  it('refuses another number of nodes for a log that is there', async () => {
    await expect(runHelm('upgrade', 'skyflow', CHART, '--set', 'nats.replicas=3')).rejects.toThrow(
      /nats.replicas is 3, and the log is held by 1/,
    );
  });

  /** Of a service account of the release. */
  const kubeconfigOf = async (account: string): Promise<string> => {
    const token = (await kubectl('create', 'token', account, '-n', NAMESPACE)).trim();
    const config = parse(readFileSync(bed.kubeconfig, 'utf8')) as { users: { user: object }[] };
    for (const user of config.users) user.user = { token };
    const path = join(dirname(bed.kubeconfig), `${account}.kubeconfig`);
    writeFileSync(path, stringify(config), { mode: 0o600 });
    return path;
  };

  it('keeps the secrets over an upgrade and over uninstall', async () => {
    const before = await secret();
    const { tokens = '', ...random } = before;
    expect(Object.keys(random).sort()).toEqual([
      'backup.key',
      'keeper-token',
      'nats-routes-password',
      'nats-token',
      'sealing.keys',
      'token',
    ]);
    for (const value of Object.values(random)) {
      expect(Buffer.from(value, 'base64').toString()).toMatch(/^[0-9a-f]{64}$/);
    }
    const keeperToken = Buffer.from(random['keeper-token'] ?? '', 'base64').toString();
    expect(Buffer.from(tokens, 'base64').toString()).toBe(`${keeperToken} system:nats-keeper system:nats-keepers\n`);
    await runHelm('upgrade', 'skyflow', CHART, '--set', 'scheduler.replicas=1');
    expect(await secret()).toEqual(before);
    expect(await kubectl('get', 'pdb', '-n', NAMESPACE, '-o', 'name')).not.toContain('scheduler');
    await runHelm('uninstall', 'skyflow');
    expect(await secret()).toEqual(before);
    expect(await kubectl('get', 'deployments,statefulsets,services', '-n', NAMESPACE, '-o', 'name')).toBe('');
    expect(await kubectl('get', 'pvc', '-n', NAMESPACE, '-o', 'name')).toContain('/skyflow-retention\n');
  }, 90_000);
});
