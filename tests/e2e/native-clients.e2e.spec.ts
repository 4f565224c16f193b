/** Tools that know nothing of SkyFlow use it as they would use a cluster: kubectl, Helm, the JavaScript client and the Python client. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { AppsV1Api, CoreV1Api, KubeConfig, PatchStrategy, Watch, setHeaderOptions } from '@kubernetes/client-node';
import { helmPath, runKubectl } from '@skyflow/kubectl';
import { execa } from 'execa';
import { pythonWithClient } from './fixture/python-client.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const withPython = await needing('python client');
const withHelm = await needing('helm');
const labels = (name: string): object => ({ app: name });
const deployment = (name: string, replicas: number): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: labels(name) },
  spec: {
    replicas,
    selector: { matchLabels: labels(name) },
    template: {
      metadata: { labels: labels(name) },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'main',
            image: 'busybox',
            command: ['sh', '-c', 'echo up; exec sleep 600'],
            resources: { requests: { cpu: '50m' } },
          },
        ],
      },
    },
  },
});

describe('tools that know nothing of SkyFlow', () => {
  const skyflow = new Skyflow();
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skyflow-clients-'));
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const kubeconfig = (): string => join(skyflow.home, 'skyflow.kubeconfig');
  const run = (line: string, more: Parameters<typeof runKubectl>[1] = {}): ReturnType<typeof runKubectl> =>
    runKubectl(line.split(' '), { kubeconfig: kubeconfig(), timeoutMs: 60_000, ...more });
  /** stdout of a command that must succeed. */
  async function kubectl(line: string, input?: object): Promise<string> {
    const { code, stdout, stderr } = await run(line, input === undefined ? {} : { input: JSON.stringify(input) });
    expect([line, code, stderr]).toEqual([line, 0, '']);
    return stdout;
  }

  it('the kubeconfigs of up and of skyctl work alone, and leave the current context of a user as it is', async () => {
    const { stdout } = await skyflow.skyctl(['kubeconfig']);
    const printed = join(folder, 'printed');
    writeFileSync(printed, stdout, { mode: 0o600 });
    expect(stdout).not.toContain(readFileSync(join(skyflow.home, 'token'), 'utf8').trim());
    for (const file of [kubeconfig(), printed]) {
      const pods = await runKubectl(['get', 'pods'], { kubeconfig: file, timeoutMs: 60_000 });
      expect(pods).toMatchObject({ code: 0, stdout: '', stderr: 'No resources found in default namespace.\n' });
    }
    const config = new KubeConfig();
    config.loadFromFile(printed);
    expect((await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'default' })).items).toEqual([]);
    const users = join(folder, 'users');
    const mine = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'mine',
      contexts: [{ name: 'mine', context: {} }],
    };
    writeFileSync(users, JSON.stringify(mine));
    const current = await runKubectl(['config', 'current-context'], { kubeconfig: [users, kubeconfig()].join(':') });
    expect(current.stdout).toBe('mine\n');
    const merged = await skyflow.skyctl(['kubeconfig', '--merge', '--file', users]);
    expect(merged.stdout).toMatch(
      /^Context "skyflow" merged into .*users, as it was before in .*users\.skyflow\.bak: kubectl/,
    );
    const listed = await runKubectl(['--context', 'skyflow', 'get', 'pods'], { kubeconfig: users, timeoutMs: 60_000 });
    expect(listed).toMatchObject({ code: 0 });
    expect((await runKubectl(['config', 'current-context'], { kubeconfig: users })).stdout).toBe('mine\n');
    expect((await skyflow.skyctl(['kubeconfig', '--unmerge', '--file', users])).code).toBe(0);
    expect(readFileSync(users, 'utf8')).not.toContain('skyflow');
  }, 120_000);

  it('kubectl: discovers, explains, asks what it may', async () => {
    const resources = await kubectl('api-resources -o name');
    for (const each of [
      'pods',
      'services',
      'deployments.apps',
      'jobs.batch',
      'jobs.skyflow.io',
      'clusters.skyflow.io',
    ]) {
      expect(resources.split('\n')).toContain(each);
    }
    expect(await kubectl('explain deployment.spec.replicas')).toContain('FIELD: replicas <integer>');
    expect(await kubectl('explain clusters.skyflow.io.spec')).toContain('KIND:       Cluster');
    expect(await kubectl('auth can-i create deployments.apps')).toBe('yes\n');
    expect(await kubectl('auth whoami -o jsonpath={.status.userInfo.username}')).toBe('admin');
    expect(await kubectl('get --raw /readyz')).toBe('ok');
  });

  it('kubectl: applies, watches, scales, rolls out, describes and waits', async () => {
    const seen: string[] = [];
    const stop = new AbortController();
    const watching = run('get deployments -w -o custom-columns=:.metadata.name,:.spec.replicas --no-headers', {
      signal: stop.signal,
      timeoutMs: 120_000,
      onStdout: (text) => seen.push(text),
    });
    expect(await kubectl('apply -f -', deployment('web', 2))).toBe('deployment.apps/web created\n');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await kubectl('apply -f -', deployment('web', 2))).toBe('deployment.apps/web unchanged\n');
    expect(await kubectl('apply --server-side --force-conflicts -f -', deployment('web', 2))).toContain(
      'serverside-applied',
    );
    const conflict = await run('apply --server-side --field-manager=other -f -', {
      input: JSON.stringify(deployment('web', 3)),
    });
    expect([conflict.code, conflict.stderr]).toEqual([1, expect.stringContaining('conflict with "kubectl"')]);
    await kubectl('scale deployment web --replicas=4');
    await kubectl('wait --for=jsonpath={.status.readyReplicas}=4 deployment/web --timeout=60s');
    await kubectl('wait --for=condition=Available deployment/web --timeout=60s');
    await kubectl('set env deployment/web A=b');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect((await kubectl('rollout history deployment/web')).trim().split('\n')).toHaveLength(4);
    // It warns that what was applied last is something else now.
    expect((await run('rollout undo deployment/web')).stdout).toBe('deployment.apps/web rolled back\n');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    expect(await kubectl('get deployment web -o jsonpath={.spec.template.spec.containers[0].env}')).toBe('');
    expect(await kubectl('get rs -l app=web')).toMatch(/\nweb-\w+ +4 +4 +4 .*\nweb-\w+ +0 +0 +0 /);
    await kubectl('rollout restart deployment/web');
    expect(await kubectl('rollout status deployment/web --timeout=60s')).toContain('successfully rolled out');
    const described = await kubectl('describe deployment web');
    expect(described).toMatch(/Replicas: +4 desired \| 4 updated \| 4 total \| 4 available/);
    expect(described).toContain('replicas placed:');
    await eventually('the watch has shown each size', () => expect(seen.join('')).toMatch(/web +2[^]*web +4/));
    stop.abort();
    await watching;
  }, 240_000);

  it('kubectl: reads and follows logs, and runs commands in pods', async () => {
    const [pod = ''] = (await kubectl('get pods -l app=web -o name')).split('\n');
    expect(pod).toMatch(/^pod\/web-.*\.mluo-/);
    expect(await kubectl(`logs ${pod}`)).toBe('up\n');
    let followed = '';
    const stop = new AbortController();
    const following = run('logs -f deployment/web', {
      signal: stop.signal,
      onStdout: (text) => (followed += text),
    });
    await eventually('the followed log has come', () => expect(followed).toContain('up\n'));
    stop.abort();
    await following;
    expect(await kubectl(`exec ${pod} -- echo in-pod`)).toBe('in-pod\n');
    expect(await kubectl(`describe ${pod}`)).toContain('skyflow.io/cluster=');
  }, 120_000);

  it('kubectl: makes services, jobs and configuration, and deletes what it made', async () => {
    await kubectl('expose deployment web --port=80 --target-port=8080');
    expect(await kubectl('get service web')).toMatch(/^NAME +TYPE +CLUSTER-IP.*\nweb +ClusterIP /);
    await kubectl('create configmap settings --from-literal=a=b');
    await kubectl('create job once --image=busybox -- echo done');
    await kubectl('wait --for=condition=complete job/once --timeout=60s');
    expect(await kubectl('logs job/once')).toBe('done\n');
    await kubectl('delete job/once configmap/settings service/web deployment/web --timeout=60s');
    expect(await kubectl('get deployments,jobs,services,configmaps -o name')).toBe('');
    await kubectl('wait --for=delete deployment/web --timeout=60s');
  }, 240_000);

  withHelm.it(
    'Helm: installs, upgrades, rolls back and uninstalls a chart',
    async () => {
      const helm = await helmPath();
      if (helm === undefined) throw new Error('there is no helm for this machine');
      const chart = join(folder, 'chart');
      mkdirSync(join(chart, 'templates'), { recursive: true });
      writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: site\nversion: 0.1.0\n');
      writeFileSync(join(chart, 'values.yaml'), 'replicas: 1\ngreeting: hello\n');
      const template = JSON.stringify(deployment('site', 1)).replace(
        '"replicas":1',
        '"replicas":{{ .Values.replicas }}',
      );
      writeFileSync(join(chart, 'templates/deployment.yaml'), template);
      const rest = [
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: site}\ndata: {greeting: "{{ .Values.greeting }}"}',
        'apiVersion: v1\nkind: Service\nmetadata: {name: site}\nspec: {selector: {app: site}, ports: [{port: 80, targetPort: 8080}]}',
        'apiVersion: v1\nkind: Secret\nmetadata: {name: site}\nstringData: {key: "{{ .Release.Name }}"}',
      ];
      writeFileSync(join(chart, 'templates/rest.yaml'), rest.join('\n---\n'));
      const command = async (...args: string[]): Promise<string> => {
        const env = {
          KUBECONFIG: kubeconfig(),
          HELM_CACHE_HOME: folder,
          HELM_CONFIG_HOME: folder,
          HELM_DATA_HOME: folder,
        };
        const { stdout, stderr, exitCode } = await execa(helm, args, { env, reject: false, timeout: 90_000 });
        expect([args, exitCode, stderr]).toEqual([args, 0, '']);
        return stdout;
      };
      await command('install', 'site', chart, '--wait', '--timeout', '60s');
      expect(await kubectl('get deployment site -o jsonpath={.status.readyReplicas}')).toBe('1');
      await command('upgrade', 'site', chart, '--set', 'replicas=3,greeting=hi', '--wait', '--timeout', '60s');
      expect(await kubectl('get deployment site -o jsonpath={.status.readyReplicas}')).toBe('3');
      expect(await kubectl('get configmap site -o jsonpath={.data.greeting}')).toBe('hi');
      await command('rollback', 'site', '1');
      expect(await kubectl('get configmap site -o jsonpath={.data.greeting}')).toBe('hello');
      expect(await command('list', '--short')).toBe('site');
      await command('uninstall', 'site');
      await eventually('nothing is left', async () =>
        expect(await kubectl('get deployments,services,configmaps,secrets -o name')).toBe(''),
      );
    },
    300_000,
  );

  it('@kubernetes/client-node: makes, watches, patches and deletes', async () => {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig());
    const apps = config.makeApiClient(AppsV1Api);
    const namespace = 'default';
    await apps.createNamespacedDeployment({ namespace, body: deployment('node', 1) });
    const events: string[] = [];
    const watch = await new Watch(config).watch(
      `/apis/apps/v1/namespaces/${namespace}/deployments`,
      {},
      (type, object: { metadata: { name: string } }) => events.push(`${type} ${object.metadata.name}`),
      () => undefined,
    );
    await eventually('it is ready', async () => {
      const { status } = await apps.readNamespacedDeployment({ namespace, name: 'node' });
      expect(status?.readyReplicas).toBe(1);
    });
    await apps.patchNamespacedDeployment(
      { namespace, name: 'node', body: { spec: { replicas: 2 } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
    const { items } = await config.makeApiClient(CoreV1Api).listNode();
    expect(items.map(({ metadata }) => metadata?.labels?.['skyflow.io/cluster'])).toEqual(
      expect.arrayContaining([...skyflow.clusters.contexts]),
    );
    await apps.deleteNamespacedDeployment({ namespace, name: 'node' });
    await eventually('the watch has told all of it', () =>
      expect(events).toEqual(expect.arrayContaining(['ADDED node', 'MODIFIED node', 'DELETED node'])),
    );
    watch.abort();
  }, 120_000);

  withPython.it(
    'the Python client: makes, watches, reads logs, runs commands, scales and deletes',
    async () => {
      const found = await pythonWithClient();
      if ('why' in found) throw new Error(found.why);
      const script = join(dirname(fileURLToPath(import.meta.url)), 'clients', 'client.py');
      const { stdout, stderr, exitCode } = await execa(found.python, [script, kubeconfig()], {
        reject: false,
        timeout: 180_000,
      });
      expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
      expect(stdout.split('\n')).toEqual([
        ...[
          'version 1',
          'ready 2',
          'pods 2 True',
          'log True',
          'exec hi',
          'scaled 3',
          'phase RUNNING',
          'missing 404',
          'deleted',
        ],
      ]);
    },
    360_000,
  );
});
