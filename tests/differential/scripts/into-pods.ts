/** Into containers that run, by kubectl: logs, logs -f, exec with input and exit codes, attach, port-forward, cp, top. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '../fixture/session.js';
import type { Script } from './scripts.js';

const REST = 'while :; do sleep 0.1; done';
const pods = `apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - {name: main, image: "busybox:1", command: [sh, -c, "echo one; echo two; echo three; ${REST}"]}
    - {name: side, image: "busybox:1", command: [sh, -c, "echo from the side; ${REST}"]}
---
apiVersion: v1
kind: Pod
metadata: {name: brief}
spec:
  restartPolicy: Never
  containers:
    - {name: main, image: "busybox:1", command: [sh, -c, "for n in 1 2 3; do echo line $n; sleep 0.3; done; exit 3"]}
---
apiVersion: v1
kind: Pod
metadata: {name: crasher}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - {name: main, image: "busybox:1", command: [sh, -c, "echo going down; exit 1"]}
---
apiVersion: v1
kind: Pod
metadata: {name: asker}
spec:
  restartPolicy: Never
  containers:
    - {name: main, image: "busybox:1", stdin: true, stdinOnce: true, command: [sh, -c, "read word; echo heard $word; echo aside >&2; exit 4"]}
---
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
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
---
apiVersion: v1
kind: Service
metadata: {name: server}
spec: {selector: {app: server}, ports: [{name: web, port: 80, targetPort: http}]}
`;

export const intoPods: Script = {
  name: 'into-pods',
  runsContainers: true,
  async play(session) {
    await session.prepare('create -f -', pods);
    await logs(session);
    await exec(session);
    await attach(session);
    await forwarding(session);
    await copies(session);
    await session.kubectl('top', 'top pod talker');
    await session.kubectl('top, containers', 'top pod talker --containers');
    await session.kubectl('delete', 'delete pod talker crasher brief asker server --now', { sorted: true });
    await session.kubectl('logs of what is gone', 'logs talker -c main');
  },
};

async function logs(session: Session): Promise<void> {
  await session.kubectl('logs -f to the end', 'logs -f brief --pod-running-timeout=30s');
  await session.prepare('wait --for=jsonpath={.status.phase}=Failed pod/brief --timeout=30s');
  await session.kubectl('get what failed', 'get pod brief');
  await session.kubectl('logs of what has ended', 'logs brief');
  await session.kubectl('logs before, where there was nothing', 'logs brief --previous');
  await session.prepare('wait --for=condition=Ready pod/talker --timeout=30s');
  await session.kubectl('logs', 'logs talker');
  await session.kubectl('logs of a container', 'logs talker -c side');
  await session.kubectl('logs of all', 'logs talker --all-containers --prefix', { sorted: true });
  await session.kubectl('logs, the tail', 'logs talker -c main --tail=2');
  await session.kubectl('logs, no tail', 'logs talker -c main --tail=0');
  await session.kubectl('logs, badly', 'logs talker -c main --tail=-5');
  await session.kubectl('logs, limited', 'logs talker -c main --limit-bytes=5');
  await session.kubectl('logs with times', 'logs talker -c main --timestamps');
  await session.kubectl('logs since', 'logs talker -c main --since=1h');
  await session.settled<Crasher>(
    'it is started again',
    '/api/v1/namespaces/{ns}/pods/crasher',
    ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    ({ metadata: { name } }) => name,
  );
  await session.kubectl('logs before', 'logs crasher --previous');
}

interface Crasher {
  metadata: { name: string };
  status?: { containerStatuses?: { restartCount: number }[] };
}

async function exec(session: Session): Promise<void> {
  await session.kubectl('exec', 'exec talker -- echo hello');
  await session.kubectl('exec in a container', 'exec talker -c side -- echo hello');
  await session.kubectl('exec, its code', [
    'exec',
    'talker',
    '-c',
    'main',
    '--',
    'sh',
    '-c',
    'echo out; echo err >&2; exit 7',
  ]);
  await session.kubectl('exec, its input', 'exec -i talker -c main -- cat', { input: 'typed\nby hand\n' });
  await session.kubectl('exec of nothing', 'exec talker -c main -- no-such-command');
  await session.kubectl('exec in what has ended', 'exec brief -- true');
}

async function attach(session: Session): Promise<void> {
  await session.prepare('wait --for=condition=Ready pod/asker --timeout=30s');
  await session.kubectl('attach, with input', 'attach -i asker', { input: 'a-word\n' });
  await session.prepare('wait --for=jsonpath={.status.phase}=Failed pod/asker --timeout=30s');
  await session.kubectl('what it came to', [
    'get',
    'pod',
    'asker',
    '-o',
    'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}',
  ]);
  await session.kubectl('logs of what was attached', 'logs asker', { sorted: true });
  await session.kubectl('attach to what has ended', 'attach asker');
  await session.kubectl('attach to no container', 'attach talker -c nothing');
  await session.kubectl('attach to nothing', 'attach nothing');
}

async function forwarding(session: Session): Promise<void> {
  await session.prepare('wait --for=condition=Ready pod/server --timeout=30s');
  await session.forwarded('port-forward', 'port-forward pod/server :8080');
  await session.forwarded('port-forward by name', 'port-forward pod/server :http');
  await session.forwarded('port-forward of a service', 'port-forward service/server :80');
  await session.kubectl('port-forward, no port', 'port-forward pod/server');
  await session.kubectl('port-forward, no such name', 'port-forward pod/server :nothing');
  await session.kubectl('port-forward, no number', 'port-forward pod/server 0:70000');
  await session.kubectl('port-forward of no service port', 'port-forward service/server :81');
  await session.kubectl('port-forward to nothing', 'port-forward pod/nothing :80');
  await session.kubectl('port-forward to what has ended', 'port-forward pod/brief :80');
}

async function copies(session: Session): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'skyflow-copies-'));
  try {
    const [there, back] = [join(directory, 'there'), join(directory, 'back')];
    writeFileSync(there, 'carried there and back\n');
    await session.kubectl('cp there', ['cp', '-c', 'main', there, 'talker:carried']);
    await session.kubectl('what arrived', 'exec talker -c main -- cat carried');
    await session.kubectl('cp back', ['cp', '-c', 'main', 'talker:carried', back]);
    session.note('what came back', readFileSync(back, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
