/** ConfigMaps, Secrets and Services by kubectl's commands, good and bad: apply both ways, get in every form, label, patch, delete. */
import type { Script } from '../scripts/scripts.js';

const objects = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {color: blue, size: "3"}
---
apiVersion: v1
kind: Secret
metadata: {name: key, labels: {app: web}}
stringData: {password: hunter2}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;
const green = objects.replace('color: blue', 'color: green');

export const facadeObjects: Script = {
  name: 'facade-objects',
  async play(session) {
    const { kubectl } = { kubectl: session.kubectl.bind(session) };
    await kubectl('apply', 'apply -f -', { input: objects });
    await kubectl('apply again', 'apply -f -', { input: objects });
    await kubectl('diff', 'diff -f -', { input: green, mask: (text) => text.replace(/^(diff|---|\+\+\+) .*$/gm, '') });
    await kubectl('apply what has changed', 'apply -f -', { input: green });
    await kubectl('apply, dry', 'apply --dry-run=server -f -', { input: objects });
    await kubectl('apply --server-side', 'apply --server-side -f -', { input: green });
    await kubectl('apply --server-side by another', 'apply --server-side --field-manager=other -f -', {
      input: objects,
    });
    await kubectl('apply --server-side by force', 'apply --server-side --field-manager=other --force-conflicts -f -', {
      input: objects,
    });
    await kubectl('get several', 'get configmap,secret,service -l app=web');
    await kubectl('get in YAML', 'get configmap settings -o yaml');
    await kubectl('get by path', ['get', 'service', 'web', '-o', 'jsonpath={.spec.ports[0].port}']);
    await kubectl('get columns', 'get service web -o custom-columns=NAME:.metadata.name,PORT:.spec.ports[0].port');
    await kubectl('get wide, with labels', 'get configmap settings -o wide --show-labels -L app');
    await kubectl('get names', 'get configmap,service -l app=web -o name');
    await kubectl('get by field', 'get configmaps --field-selector metadata.name=settings');
    await kubectl('get by a field that none has', 'get configmaps --field-selector spec.nothing=1');
    await kubectl('get by a bad selector', ['get', 'configmaps', '-l', 'app in (']);
    await kubectl('get what is not there', 'get configmap nothing');
    await kubectl('get what is not there, kindly', 'get configmap nothing --ignore-not-found');
    await kubectl('describe', 'describe configmap/settings secret/key');
    await kubectl('describe service', 'describe service web');
    await kubectl('label', 'label configmap settings tier=web');
    await kubectl('label again', 'label configmap settings tier=db');
    await kubectl('label away', 'label configmap settings tier-');
    await kubectl('label badly', ['label', 'configmap', 'settings', 'tier=not ok!']);
    await kubectl('annotate all', 'annotate configmap -l app=web note=two --overwrite');
    await kubectl('patch', ['patch', 'configmap', 'settings', '-p', '{"data":{"patched":"yes"}}']);
    await kubectl('patch nothing', ['patch', 'configmap', 'settings', '-p', '{"data":{"patched":"yes"}}']);
    await kubectl('patch, json', [
      ...['patch', 'service', 'web', '--type=json', '-p'],
      '[{"op":"replace","path":"/spec/ports/0/port","value":82}]',
    ]);
    await kubectl('patch, json, what is not there', [
      ...['patch', 'service', 'web', '--type=json', '-p'],
      '[{"op":"remove","path":"/spec/nothing"}]',
    ]);
    await kubectl('patch badly', ['patch', 'service', 'web', '-p', '{"spec":{"ports":[{"port":0}]}}']);
    await kubectl('patch that is no JSON', ['patch', 'service', 'web', '-p', '{"spec":']);
    await kubectl('edit', 'edit configmap settings', { env: { KUBE_EDITOR: 'sed -i s/blue/violet/' } });
    await kubectl('replace', 'replace -f -', {
      input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {replaced: "yes"}\n',
    });
    await kubectl('replace what is not there', 'replace -f -', {
      input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nothing}\n',
    });
    await kubectl('create it again', 'create configmap settings --from-literal=a=b');
    await kubectl('create with a bad name', 'create configmap Bad_Name --from-literal=a=b');
    await kubectl('create from generateName', 'create -f -', {
      input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: made-}\n',
    });
    await kubectl('create in no namespace', 'create configmap made -n nowhere-to-be-found');
    await kubectl('a kind that is none', 'get podz');
    await kubectl('a field that is none', 'apply -f -', {
      input: 'apiVersion: v1\nkind: Service\nmetadata: {name: typo}\nspec: {port: [{port: 80}]}\n',
    });
    await kubectl('delete, dry', 'delete configmap settings --dry-run=server');
    await kubectl('delete by label', 'delete secret,service -l app=web');
    await kubectl('delete', 'delete configmap settings');
    await kubectl('delete it again', 'delete configmap settings');
    await kubectl('wait until it is gone', 'wait --for=delete configmap/settings --timeout=5s');
  },
};
