/** What people type all day: get, describe, apply, diff, edit, patch, label, annotate, wait, delete, and typing errors. */
import type { Script } from './scripts.js';

const objects = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {color: blue, size: large}
---
apiVersion: v1
kind: Secret
metadata: {name: key, labels: {app: web}}
stringData: {token: secret}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, labels: {app: web}}
`;
const pod = `apiVersion: v1
kind: Pod
metadata: {name: solo, labels: {app: solo}}
spec:
  containers:
    - {name: main, image: "busybox:1", command: [sleep, "600"], resources: {requests: {cpu: 10m}}}
`;

export const kubectlHabits: Script = {
  name: 'kubectl-habits',
  async play(session) {
    const { kubectl } = { kubectl: session.kubectl.bind(session) };
    await kubectl('diff before', 'diff -f -', { input: objects });
    await kubectl('apply', 'apply -f -', { input: objects });
    await kubectl('apply again', 'apply -f -', { input: objects });
    await kubectl('diff of nothing', 'diff -f -', { input: objects });
    const changed = objects.replace('color: blue', 'color: red').replace(', size: large', '');
    await kubectl('diff', 'diff -f -', { input: changed });
    await kubectl('apply, tried by the server', 'apply --dry-run=server -f -', { input: changed });
    await kubectl('apply a change', 'apply -f -', { input: changed });
    await kubectl('view last applied', 'apply view-last-applied configmap/settings');
    await kubectl('apply --server-side over it', 'apply --server-side -f -', { input: objects });
    await kubectl('apply --server-side by another', 'apply --server-side --field-manager=other -f -', {
      input: objects.replace('color: blue', 'color: green'),
    });
    await kubectl('apply --server-side by force', 'apply --server-side --field-manager=other --force-conflicts -f -', {
      input: objects.replace('color: blue', 'color: green'),
    });
    await kubectl('get several', 'get configmap,secret,service,serviceaccount -l app=web');
    await kubectl('get in YAML', 'get configmap settings -o yaml');
    await session.api('its managers', { path: '/api/v1/namespaces/{ns}/configmaps/settings' });
    await kubectl('get in JSON', 'get service web -o json');
    await kubectl('get by path', ['get', 'configmap', 'settings', '-o', 'jsonpath={.data.color}']);
    await kubectl('get by template', ['get', 'configmap', 'settings', '-o', 'go-template={{.metadata.name}}']);
    await kubectl('get columns', 'get service web -o custom-columns=NAME:.metadata.name,PORT:.spec.ports[0].port');
    await kubectl('get wide', 'get service web -o wide');
    await kubectl('get labels', 'get configmap settings --show-labels -L app');
    await kubectl('get names', 'get configmap,service -l app=web -o name');
    await kubectl('get what is not there', 'get configmap nothing');
    await kubectl('get what is not there, kindly', 'get configmap nothing --ignore-not-found');
    await kubectl('get none', 'get cronjobs');
    await kubectl('get all', 'get all -l app=web');
    await kubectl('get by field', 'get configmaps --field-selector metadata.name=settings');
    await kubectl('get sorted', 'get configmaps -l app=web --sort-by=.metadata.name');
    await kubectl('describe configmap', 'describe configmap settings');
    await kubectl('describe secret', 'describe secret key');
    await kubectl('describe service', 'describe service web');
    await kubectl('describe serviceaccount', 'describe serviceaccount robot');
    await kubectl('describe what is not there', 'describe configmap nothing');
    await kubectl('label', 'label configmap settings tier=web');
    await kubectl('label again', 'label configmap settings tier=db');
    await kubectl('label, overwrite', 'label configmap settings tier=db --overwrite');
    await kubectl('label away', 'label configmap settings tier-');
    await kubectl('label badly', ['label', 'configmap', 'settings', 'tier=not ok!']);
    await kubectl('annotate', 'annotate configmap settings note=one');
    await kubectl('annotate all', 'annotate configmap -l app=web note=two --overwrite');
    await kubectl('patch', ['patch', 'configmap', 'settings', '-p', '{"data":{"patched":"yes"}}']);
    await kubectl('patch nothing', ['patch', 'configmap', 'settings', '-p', '{"data":{"patched":"yes"}}']);
    await kubectl('patch, merge', [
      'patch',
      'service',
      'web',
      '--type=merge',
      '-p',
      '{"spec":{"ports":[{"port":81}]}}',
    ]);
    await kubectl('patch, json', [
      'patch',
      'service',
      'web',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/ports/0/port","value":82}]',
    ]);
    await kubectl('patch badly', ['patch', 'service', 'web', '-p', '{"spec":{"ports":[{"port":0}]}}']);
    await kubectl('patch into the wrong type', ['patch', 'service', 'web', '-p', '{"spec":{"ports":"all"}}']);
    await kubectl('edit', 'edit configmap settings', { env: { KUBE_EDITOR: 'sed -i s/green/violet/' } });
    await kubectl('edit nothing', 'edit configmap settings', { env: { KUBE_EDITOR: 'true' } });
    await kubectl('edit badly', 'edit service web', { env: { KUBE_EDITOR: 'sed -i s/port:.82/port:\\ 0/' } });
    await kubectl('replace', 'replace -f -', {
      input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {replaced: "yes"}\n',
    });
    await kubectl('create configmap', 'create configmap made --from-literal=a=b');
    await kubectl('create it again', 'create configmap made --from-literal=a=b');
    await kubectl('create secret', 'create secret generic made --from-literal=a=b');
    await kubectl('create quota', 'create quota q --hard=cpu=1');
    await kubectl('create role', 'create role r --verb=get --resource=pods');
    await kubectl('create rolebinding', 'create rolebinding r --role=r --serviceaccount=default:default');
    await kubectl('create namespace badly', 'create namespace Bad_Name');
    await kubectl('create deployment, dry', 'create deployment d --image=x --dry-run=server -o yaml');
    await kubectl('create from generateName', 'create -f -', {
      input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: made-}\n',
    });

    await kubectl('create a pod', 'apply -f -', { input: pod });
    await kubectl('wait for it', 'wait --for=condition=Ready pod/solo --timeout=30s');
    await kubectl('wait for what does not come', 'wait --for=condition=Nothing pod/solo --timeout=1s');
    await kubectl('wait for a value', 'wait --for=jsonpath={.status.phase}=Running pod/solo --timeout=30s');
    await kubectl('get the pod', 'get pod solo');
    await kubectl('get the pod wide', 'get pod solo -o wide');
    await kubectl('describe the pod', 'describe pod solo');
    await kubectl('events of the pod', 'events --for pod/solo');
    await kubectl('change its image', 'set image pod/solo main=busybox:2');
    await kubectl('change its command', [
      'patch',
      'pod',
      'solo',
      '-p',
      '{"spec":{"containers":[{"name":"main","command":["x"]}]}}',
    ]);
    await kubectl('logs of nothing', 'logs nothing');
    await kubectl('logs of no container', 'logs solo -c nothing');
    await kubectl('exec in nothing', 'exec nothing -- true');
    await kubectl('exec in no container', 'exec solo -c nothing -- true');
    await kubectl('top', 'top pods');
    await kubectl('delete the pod', 'delete pod solo --grace-period=1');
    await kubectl('delete it again', 'delete pod solo');
    await kubectl('delete by label, dry', 'delete configmap,secret -l app=web --dry-run=server', { sorted: true });
    await kubectl('delete by label', 'delete configmap,secret,service,serviceaccount -l app=web');
    await kubectl('auth can-i', 'auth can-i create pods');
    await kubectl('auth whoami', 'auth whoami');
    await kubectl('a verb that is none', 'gett pods');
    await kubectl('a kind that is none', 'get podz');
    await kubectl('an output that is none', 'get pods -o tabel');
    await kubectl('a file with errors', 'apply -f -', { input: 'kind: ConfigMap\nmetadata: {name: x}\n' });
    await kubectl('a kind that nobody serves', 'apply -f -', {
      input: 'apiVersion: a.b/v1\nkind: C\nmetadata: {name: x}\n',
    });
  },
};
