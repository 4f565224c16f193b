/** Deployments and jobs whose pods run: get -w, describe, wait, scale, logs, exec, attach, cp, port-forward, events; and how it is said that something is wrong. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../fixture/session.js';
import type { Script } from '../scripts/scripts.js';

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - {name: main, image: "busybox:1", command: [sh, -c, "echo up; exec sleep 600"], resources: {requests: {cpu: 10m}}}
`;
const job = (name: string, command: string): string => `apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "busybox:1", command: [sh, -c, "${command}"], resources: {requests: {cpu: 10m}}}]
`;
/** Reads a word from whoever attaches, and fails with 4. */
const asker = `apiVersion: batch/v1
kind: Job
metadata: {name: asker}
spec:
  backoffLimit: 0
  template:
    metadata: {labels: {app: asker}}
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: "busybox:1"
          stdin: true
          stdinOnce: true
          command: [sh, -c, "read word; echo heard $word; echo aside >&2; exit 4"]
          resources: {requests: {cpu: 10m}}
`;
const server = `apiVersion: apps/v1
kind: Deployment
metadata: {name: server}
spec:
  selector: {matchLabels: {app: server}}
  template:
    metadata: {labels: {app: server}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: "busybox:1"
          env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
          command:
            - sh
            - -c
            - >-
              mkdir -p w; echo forwarded > w/index.html;
              if command -v python3; then exec python3 -m http.server 8080 --bind $(POD_IP) -d w; else exec httpd -f -p 8080 -h w; fi
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {tcpSocket: {port: http}, periodSeconds: 1}
          resources: {requests: {cpu: 10m}}
`;
/** How many lines of the kind there are is a matter of pace. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
const SORTED = { sorted: true };

export const facadeWorkloads: Script = {
  name: 'facade-workloads',
  async play(session) {
    await deployment(session);
    await intoPods(session);
    await attach(session);
    await forwarding(session);
    await jobs(session);
    await wrong(session);
  },
};

async function deployment(session: Session): Promise<void> {
  const { kubectl } = { kubectl: session.kubectl.bind(session) };
  const columns = '-o custom-columns=:.metadata.name,:.spec.replicas --no-headers';
  await session.watched('get -w', `get deployments -w ${columns}`, /web +3/, async () => {
    await kubectl('apply', 'apply -f -', { input: web });
    await kubectl('rollout status', 'rollout status deployment/web --timeout=45s', { mask: lastLine });
    await kubectl('scale', 'scale deployment web --replicas=3');
  });
  await kubectl('wait for a condition', 'wait --for=condition=Available deployment/web --timeout=45s');
  await kubectl('wait for a value', 'wait --for=jsonpath={.status.readyReplicas}=3 deployment/web --timeout=45s');
  await kubectl('wait for what does not come', 'wait --for=condition=Nothing deployment/web --timeout=1s');
  await kubectl('get', 'get deployment web');
  await kubectl('get wide', 'get deployment web -o wide');
  await kubectl('get replicasets', 'get replicasets -l app=web');
  await kubectl('get pods', 'get pods -l app=web', SORTED);
  await kubectl('get by phase', 'get pods -l app=web --field-selector status.phase=Running -o name', SORTED);
  await kubectl('get all', 'get all -l app=web', SORTED);
  await kubectl('describe', 'describe deployment web');
  await kubectl('rollout history', 'rollout history deployment/web');
  await kubectl('apply again', 'apply -f -', { input: web.replace('replicas: 2', 'replicas: 3') });
  await kubectl('apply --server-side', 'apply --server-side -f -', { input: web });
}

async function intoPods(session: Session): Promise<void> {
  const { kubectl } = { kubectl: session.kubectl.bind(session) };
  // The one too many that the last apply left is gone.
  const [first = ''] = await readyPods(session, 'web', 2);
  const pod = `pod/${first}`;
  await kubectl('logs of a pod', `logs ${pod}`);
  await kubectl('logs of the deployment', 'logs deployment/web --tail=1 --all-pods=false', {
    mask: (text) => text.replace(/^Found .*\n/m, ''),
  });
  await kubectl('exec', `exec ${pod} -- echo inside`);
  await kubectl('exec with input', `exec -i ${pod} -- cat`, { input: 'through\n' });
  await kubectl('exec that fails', ['exec', pod, '--', 'sh', '-c', 'exit 3']);
  await kubectl('exec in no container', `exec ${pod} -c nothing -- true`);
  await kubectl('logs of no container', `logs ${pod} -c nothing`);
  await kubectl('logs of nothing', 'logs nothing');
  await kubectl('describe pod', `describe ${pod}`);
}

interface PodList {
  items: { metadata: { name: string }; status?: { conditions?: { type: string; status: string }[] } }[];
}

/** The pods with a label, as soon as there are so many and all are ready. */
async function readyPods(session: Session, app: string, count: number): Promise<string[]> {
  const { items } = await session.settled<PodList>(
    `${app} is ready`,
    `/api/v1/namespaces/{ns}/pods?labelSelector=app%3D${app}`,
    (list) => list.items.length === count && list.items.every(isReady),
    (list) => list.items.length,
  );
  return items.map(({ metadata }) => metadata.name);
}

const isReady = ({ status }: PodList['items'][number]): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

const readyPod = async (session: Session, app: string): Promise<string> => (await readyPods(session, app, 1))[0] ?? '';

async function attach(session: Session): Promise<void> {
  const { kubectl } = { kubectl: session.kubectl.bind(session) };
  await session.prepare('create -f -', asker);
  const pod = await readyPod(session, 'asker');
  await kubectl('attach, with input', `attach -i ${pod}`, { input: 'a-word\n' });
  await kubectl('wait for what was asked', 'wait --for=condition=failed job/asker --timeout=45s');
  // The pod's own phase may be told a moment after its job's.
  await session.prepare(`wait --for=jsonpath={.status.phase}=Failed pod/${pod} --timeout=45s`);
  await kubectl('logs of what was attached', `logs ${pod}`, SORTED);
  await kubectl('attach to what has ended', `attach ${pod}`);
  await kubectl('attach to no container', `attach ${pod} -c nothing`);
  await kubectl('attach to nothing', 'attach nothing');
  await session.prepare('delete job asker --timeout=45s');
}

async function forwarding(session: Session): Promise<void> {
  const { kubectl } = { kubectl: session.kubectl.bind(session) };
  await session.prepare('create -f -', server);
  const pod = await readyPod(session, 'server');
  await session.forwarded('port-forward', `port-forward pod/${pod} :8080`);
  await session.forwarded('port-forward by name', `port-forward pod/${pod} :http`);
  await session.forwarded('port-forward of a deployment', 'port-forward deployment/server :8080');
  await kubectl('port-forward, no such name', `port-forward pod/${pod} :nothing`);
  await kubectl('port-forward to nothing', 'port-forward pod/nothing :80');
  const directory = mkdtempSync(join(tmpdir(), 'skyflow-facade-'));
  try {
    const [there, back] = [join(directory, 'there'), join(directory, 'back')];
    writeFileSync(there, 'carried there and back\n');
    await kubectl('cp there', ['cp', there, `${pod}:carried`]);
    await kubectl('what arrived', `exec ${pod} -- cat carried`);
    await kubectl('cp back', ['cp', `${pod}:carried`, back]);
    session.note('what came back', readFileSync(back, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true });
  }
  await session.prepare('delete deployment server --timeout=45s');
}

async function jobs(session: Session): Promise<void> {
  const { kubectl } = { kubectl: session.kubectl.bind(session) };
  await kubectl('create a job', 'create -f -', {
    input: job('talks', 'for n in 1 2 3; do echo line $n; sleep 0.3; done'),
  });
  await kubectl('logs -f to the end', 'logs -f job/talks --pod-running-timeout=30s');
  await kubectl('wait for the job', 'wait --for=condition=complete job/talks --timeout=45s');
  await kubectl('get the job', 'get job talks');
  await kubectl('describe the job', 'describe job talks');
  await kubectl('create a job that fails', 'create -f -', { input: job('fails', 'echo going down; exit 3') });
  await kubectl('wait for its failure', 'wait --for=condition=failed job/fails --timeout=45s');
  await kubectl('get the failed job', 'get job fails');
  await kubectl('logs of the failed job', 'logs job/fails');
  await kubectl('delete jobs', 'delete job talks fails --timeout=45s');
}

async function wrong(session: Session): Promise<void> {
  const { kubectl } = { kubectl: session.kubectl.bind(session) };
  await kubectl('scale below nothing', 'scale deployment/web --replicas=-1');
  await kubectl('scale from another size', 'scale deployment/web --current-replicas=9 --replicas=1');
  await kubectl('another selector', 'apply -f -', { input: web.replaceAll('{app: web}', '{app: other}') });
  await kubectl('no containers', [
    'patch',
    'deployment',
    'web',
    '--type=merge',
    '-p',
    '{"spec":{"template":{"spec":{"containers":[]}}}}',
  ]);
  await kubectl('a bad quantity', ['set', 'resources', 'deployment/web', '--limits=cpu=much']);
  await kubectl('replicas in words', ['patch', 'deployment', 'web', '-p', '{"spec":{"replicas":"two"}}']);
  await kubectl('a selector that does not match', 'create -f -', {
    input: web.replace('name: web', 'name: astray').replace('matchLabels: {app: web}', 'matchLabels: {app: astray}'),
  });
  await kubectl('create it again', 'create -f -', { input: web });
  await kubectl('rollout undo to nothing', 'rollout undo deployment/web --to-revision=42');
  await kubectl('rollout of nothing', 'rollout status deployment/nothing');
  await kubectl('delete', 'delete deployment web --timeout=45s');
  await kubectl('delete it again', 'delete deployment web');
  // Whoever deleted the deployment is not kept waiting for these.
  for (const path of ['/api/v1/namespaces/{ns}/pods', '/apis/apps/v1/namespaces/{ns}/replicasets']) {
    await session.settled<{ items: unknown[] }>(
      `gone: ${path}`,
      path,
      ({ items }) => items.length === 0,
      ({ items }) => items.length,
    );
  }
  await kubectl('what is left', 'get deployments,replicasets,pods,jobs', SORTED);
}
