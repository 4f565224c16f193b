/** What kubectl sends in protobuf must come out as what it prints as JSON for the same command. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import type { ResourceDefinition } from '../api/definition.js';
import { isRecord, type KubeObject } from '@skyflow/contracts';
import { serveTestApi, type ServedApi } from '../testing/served-api.js';

const definition = (group: string, kind: string, namespaced = true): ResourceDefinition => ({
  group,
  version: 'v1',
  kind,
  plural: `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`,
  singular: kind.toLowerCase(),
  namespaced,
  schema: { type: 'object' },
  schemaName: `test.${kind}`,
});

const definitions = [
  definition('', 'ConfigMap'),
  definition('', 'Secret'),
  definition('', 'Namespace', false),
  definition('', 'Pod'),
  definition('', 'Service'),
  definition('', 'ServiceAccount'),
  definition('', 'ResourceQuota'),
  definition('apps', 'Deployment'),
  definition('batch', 'Job'),
  definition('batch', 'CronJob'),
  definition('networking.k8s.io', 'Ingress'),
  definition('policy', 'PodDisruptionBudget'),
  definition('rbac.authorization.k8s.io', 'Role'),
  definition('rbac.authorization.k8s.io', 'RoleBinding'),
  definition('scheduling.k8s.io', 'PriorityClass', false),
];

describe('protobuf from kubectl', () => {
  let api: ServedApi;

  beforeAll(async () => {
    api = await serveTestApi({ definitions });
  });
  afterAll(async () => {
    expect(api.unexpected).toEqual([]);
    await api.close();
  });

  it.each([
    ['configmap c --from-literal=a=b --from-literal=empty='],
    ['secret generic s --from-literal=password=hunter2 --type=example.io/x'],
    ['namespace n'],
    ['service clusterip sc --tcp=80:8080 --tcp=443:https'],
    ['service nodeport sn --tcp=80 --node-port=30080'],
    ['serviceaccount sa'],
    ['quota q --hard=cpu=1500m,memory=2Gi,pods=10'],
    ['deployment d --image=nginx --replicas=0 --port=80'],
    ['deployment e --image=nginx --image=redis --replicas=3'],
    ['job j --image=busybox -- sh -c exit'],
    ['cronjob j --image=busybox --schedule=@daily --restart=Never'],
    ['ingress i --rule=example.io/path*=svc:8080,tls=cert --annotation=a=b'],
    ['poddisruptionbudget p --selector=app=web --min-available=50%'],
    ['role r --verb=get,list --resource=pods,deployments.apps --resource-name=x'],
    ['rolebinding rb --role=r --user=ann --group=team --serviceaccount=default:sa'],
    ['priorityclass pc --value=-10 --description=low --global-default=false'],
  ])('create %s', async (command) => {
    const args = ['create', ...command.split(' ')];
    const at = args.indexOf('--') < 0 ? args.length : args.indexOf('--');
    const run = async (...extra: string[]): Promise<KubeObject> => {
      const { code, stdout, stderr } = await runKubectl(
        [...args.slice(0, at), ...extra, '-o', 'json', ...args.slice(at)],
        {
          kubeconfig: api.kubeconfig,
        },
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout) as KubeObject;
    };
    const printed = await run('--dry-run=client');
    const created = await run();
    expect(content(created)).toEqual(content(printed));
  });
});

/** Without what the server sets, and without the empty objects that Go prints. */
function content(object: KubeObject): unknown {
  const { name, labels, annotations } = object.metadata;
  return withoutEmpty({ ...object, metadata: { name, labels, annotations } });
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, withoutEmpty(member)] as const);
  const kept = entries.filter(
    ([, member]) => member !== null && !(isRecord(member) && Object.keys(member).length === 0),
  );
  return Object.fromEntries(kept);
}
