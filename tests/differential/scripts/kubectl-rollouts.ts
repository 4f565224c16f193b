/** Deployments by kubectl: rollout status, history, undo, pause, scale, set image, restart, describe; and what is left. */
import { isDone } from './controllers.js';
import type { Script } from './scripts.js';

const web = (image: string, replicas = 2): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}, annotations: {kubernetes.io/change-cause: "to ${image}"}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}", ports: [{name: http, containerPort: 8080}], resources: {requests: {cpu: 10m}}}]}
`;

/** The order of the lines of `rollout status` is that of the events; how many there are is a matter of pace. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

export const kubectlRollouts: Script = {
  name: 'kubectl-rollouts',
  async play(session) {
    const status = (step: string): Promise<void> =>
      session.kubectl(step, 'rollout status deployment/web --timeout=60s', { mask: lastLine });
    const { kubectl } = { kubectl: session.kubectl.bind(session) };
    await kubectl('apply', 'apply -f -', { input: web('web:1') });
    await status('first status');
    await kubectl('get deployment', 'get deployment web -o wide');
    await kubectl('get replicasets', 'get replicasets -l app=web -o wide');
    await kubectl('get pods', 'get pods -l app=web --no-headers', { sorted: true });
    await kubectl('describe deployment', 'describe deployment web');
    await kubectl('second', 'apply -f -', { input: web('web:2') });
    await status('second status');
    await kubectl('history', 'rollout history deployment/web');
    await kubectl('history of a revision', 'rollout history deployment/web --revision=2');
    await kubectl('history of no revision', 'rollout history deployment/web --revision=9');
    await kubectl('undo', 'rollout undo deployment/web');
    await status('undone status');
    await kubectl('history after undo', 'rollout history deployment/web');
    await kubectl('undo to', 'rollout undo deployment/web --to-revision=2');
    await status('undone to status');
    await kubectl('undo to nothing', 'rollout undo deployment/web --to-revision=42');
    await kubectl('pause', 'rollout pause deployment/web');
    await kubectl('pause again', 'rollout pause deployment/web');
    await kubectl('set image while paused', 'set image deployment/web web=web:3');
    await kubectl('undo while paused', 'rollout undo deployment/web');
    await kubectl('resume', 'rollout resume deployment/web');
    await status('resumed status');
    await kubectl('restart', 'rollout restart deployment/web');
    await status('restarted status');
    await kubectl('scale', 'scale deployment/web --replicas=3');
    await status('scaled status');
    await kubectl('scale from another size', 'scale deployment/web --current-replicas=9 --replicas=1');
    await kubectl('scale below nothing', 'scale deployment/web --replicas=-1');
    await kubectl('set env', 'set env deployment/web A=b');
    await status('status with env');
    await kubectl('set resources', 'set resources deployment/web --limits=cpu=100m');
    await status('status with limits');
    await kubectl('autoscale', 'autoscale deployment web --min=1 --max=3 --cpu=50%');
    await kubectl('expose', 'expose deployment web --port=80 --target-port=http');
    await session.settled('the deployment in the end', '/apis/apps/v1/namespaces/{ns}/deployments/web', isDone);
    await kubectl('delete, leaving what it owns', 'delete deployment web --cascade=orphan');
    await kubectl('what is left', 'get replicasets -l app=web -o custom-columns=OWNERS:.metadata.ownerReferences', {
      sorted: true,
    });
    await kubectl('delete the rest', 'delete replicasets -l app=web --cascade=foreground', { sorted: true });
    await kubectl('delete with nothing there', 'delete deployment web');
  },
};
