/** What people do with kubectl all day, by a real kubectl against a virtual cluster. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClusterFixture, until } from './testing/cluster-fixture.js';

const fast = { startDelayMs: 0, stopDelayMs: 0, jobRunMs: 100 };

const web = (image: string, replicas = 2): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: ${image}, ports: [{name: http, containerPort: 8080}]}]}
`;

describe('kubectl against an embedded cluster', () => {
  const fixture = new ClusterFixture();
  const kubectl = fixture.kubectl.bind(fixture);

  beforeAll(async () => {
    await fixture.start({ virtual: fast, jobBackoff: { baseMs: 0 }, nodes: [{ name: 'node-0', cpu: '8', gpus: 2 }] });
  });
  afterAll(async () => {
    await fixture.stop();
    expect(fixture.unexpected).toEqual([]);
  });

  it('shows the nodes, namespaces and the service that every cluster has', async () => {
    expect(await kubectl('get nodes')).toMatch(/^node-0\s+Ready\s+<none>\s+\S+\s+v1/m);
    const namespaces = await kubectl('get namespaces -o name');
    expect(namespaces.split('\n')).toEqual(
      ['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => `namespace/${name}`),
    );
    expect(await kubectl('get service kubernetes')).toMatch(/ClusterIP\s+10\.96\.0\.1\s+<none>\s+443\/TCP/);
    expect(await kubectl('get serviceaccount default -n kube-system -o name')).toBe('serviceaccount/default');
  });

  it('applies a deployment, follows its rollout, updates it and takes the update back', async () => {
    expect(await kubectl('apply -f -', web('web:1'))).toBe('deployment.apps/web created');
    expect(await kubectl('rollout status deployment/web --timeout=10s')).toContain('successfully rolled out');
    expect(await kubectl('get deployment web')).toMatch(/^web\s+2\/2\s+2\s+2/m);
    await kubectl('apply -f -', web('web:2'));
    await kubectl('rollout status deployment/web --timeout=10s');
    expect(await kubectl('rollout history deployment/web')).toMatch(/^1\s.*\n2\s/m);
    await kubectl('rollout undo deployment/web');
    await kubectl('rollout status deployment/web --timeout=10s');
    expect(await kubectl('get pods -l app=web -o jsonpath={.items[*].spec.containers[0].image}')).toBe('web:1 web:1');
    const described = await kubectl('describe deployment web');
    expect(described).toContain('ScalingReplicaSet');
    expect(described).toMatch(/Available\s+True\s+MinimumReplicasAvailable/);
  });

  it('scales, pauses, resumes and labels', async () => {
    await kubectl('apply -f -', web('web:1'));
    await kubectl('scale deployment web --replicas=4');
    await kubectl('wait --for=jsonpath={.status.readyReplicas}=4 deployment/web --timeout=10s');
    await kubectl('rollout pause deployment/web');
    await kubectl('set image deployment/web web=web:9');
    expect(
      await kubectl('get replicasets -l app=web -o jsonpath={.items[*].spec.template.spec.containers[0].image}'),
    ).not.toContain('web:9');
    await kubectl('rollout resume deployment/web');
    await kubectl('rollout status deployment/web --timeout=10s');
    await kubectl('label deployment web team=a');
    expect(await kubectl('get deployments -l team=a -o name')).toBe('deployment.apps/web');
  });

  it('gives services addresses and endpoints', async () => {
    await kubectl('apply -f -', web('web:1'));
    await kubectl('expose deployment web --port=80 --target-port=http --type=NodePort');
    expect(await kubectl('get service web')).toMatch(/NodePort\s+10\.96\.\d+\.\d+\s+<none>\s+80:3\d{4}\/TCP/);
    const addresses = await until('two endpoints', async () => {
      const text = await kubectl(
        'get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].endpoints[*].addresses[0]}',
      );
      return text.split(' ').length === 2 ? text : undefined;
    });
    expect(addresses).toMatch(/^10\.244\.\d+\.\d+ 10\.244\.\d+\.\d+$/);
  });

  it('runs jobs to completion and to failure', async () => {
    const job = (name: string, annotation: string): string => `
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  completions: 3
  parallelism: 2
  backoffLimit: 1
  template:
    metadata: {annotations: {${annotation}}}
    spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}
`;
    await kubectl('apply -f -', job('good', ''));
    await kubectl('wait --for=condition=complete job/good --timeout=20s');
    expect(await kubectl('get job good')).toMatch(/^good\s+Complete\s+3\/3/m);
    await kubectl('apply -f -', job('bad', 'embedded.skyflow.io/exit-code: "3"'));
    await kubectl('wait --for=condition=failed job/bad --timeout=20s');
    expect(await kubectl('describe job bad')).toContain('BackoffLimitExceeded');
    await kubectl('delete job good bad');
    await until('the pods to be gone', async () => (await kubectl('get pods -l job-name=good -o name')) === '');
  });

  it('says why a pod waits and schedules it when it fits', async () => {
    const pod = (gpus: number): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: gpu}\nspec: {containers: [{name: c, image: cuda, resources: {limits: {nvidia.com/gpu: "${gpus}"}}}]}\n`;
    await kubectl('apply -f -', pod(3));
    await until('the reason', async () =>
      (await kubectl('describe pod gpu')).includes('0/1 nodes are available: 1 Insufficient nvidia.com/gpu.'),
    );
    expect(await kubectl('get pod gpu')).toMatch(/^gpu\s+0\/1\s+Pending/m);
    await kubectl('delete pod gpu');
    await kubectl('apply -f -', pod(2));
    await kubectl('wait --for=condition=ready pod/gpu --timeout=10s');
    await kubectl('delete pod gpu');
  });

  it('cordons, drains and uncordons a node', async () => {
    await kubectl('apply -f -', web('web:1'));
    await kubectl('rollout status deployment/web --timeout=10s');
    await kubectl('drain node-0 --force --ignore-daemonsets --delete-emptydir-data --timeout=20s');
    expect(await kubectl('get nodes')).toMatch(/^node-0\s+Ready,SchedulingDisabled/m);
    await until('pods that wait', async () => (await kubectl('get pods -l app=web')).includes('Pending'));
    await kubectl('uncordon node-0');
    await kubectl('rollout status deployment/web --timeout=10s');
  });

  it('deletes a namespace with everything in it, and refuses new things in it meanwhile', async () => {
    await kubectl('create namespace scratch');
    await kubectl('apply -n scratch -f -', web('web:1'));
    await kubectl('create configmap settings -n scratch --from-literal=a=1');
    await kubectl('delete namespace scratch --timeout=20s');
    for (const kind of ['Pod', 'ReplicaSet', 'Deployment', 'ConfigMap', 'ServiceAccount', 'Event']) {
      expect(fixture.list(kind, 'scratch')).toEqual([]);
    }
    const late = await fixture.run(['create', 'configmap', 'late', '-n', 'scratch']);
    expect(late.stderr).toContain('namespaces "scratch" not found');
  });

  it('deletes with the dependents kept, or before the owner, as asked', async () => {
    await kubectl('apply -f -', web('web:1'));
    await kubectl('rollout status deployment/web --timeout=10s');
    await kubectl('delete deployment web --cascade=orphan');
    expect(fixture.list('ReplicaSet').filter(({ spec }) => (spec.replicas ?? 0) > 0)).toHaveLength(1);
    await kubectl('apply -f -', web('web:1'));
    await kubectl('rollout status deployment/web --timeout=10s');
    await kubectl('delete deployment web --cascade=foreground --timeout=20s');
    expect(fixture.list('Pod')).toEqual([]);
    expect(fixture.list('ReplicaSet')).toEqual([]);
  });

  it('applies from the server side and explains fields', async () => {
    expect(await kubectl('apply --server-side -f -', web('web:1'))).toContain('serverside-applied');
    expect(await kubectl('explain deployment.spec.replicas')).toMatch(/replicas\s+<integer>/);
    await kubectl('delete deployment web');
  });

  it('refuses what a real API server refuses, naming the field', async () => {
    const { stderr } = await fixture.run(
      ['apply', '-f', '-'],
      web('web:1').replace('matchLabels: {app: web}', 'matchLabels: {app: other}'),
    );
    expect(stderr).toContain(
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    );
    const job =
      'apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: c, image: i}]}}}\n';
    expect((await fixture.run(['create', '-f', '-'], job)).stderr).toContain('spec.template.spec.restartPolicy');
  });

  it('answers what one may do, and keeps what every cluster has', async () => {
    expect(await kubectl('auth can-i delete pods')).toBe('yes');
    expect((await fixture.run(['delete', 'namespace', 'default'])).stderr).toContain(
      'this namespace may not be deleted',
    );
    await kubectl('delete service kubernetes');
    await until('it to be there again', () => fixture.find('Service', 'kubernetes') !== undefined);
  });

  it('does not pretend to have metrics', async () => {
    expect((await fixture.run(['top', 'nodes'])).stderr).toContain('Metrics API not available');
  });
});
