/**
 * The agent on a real Kubernetes control plane, with the rights of deploy/agent/rbac.yaml and no others.
 * `npm run test:e2e -- --on testbed tests/agent`.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import type { StoredObject } from '@skyflow/contracts';
import { resources, type KubeObject } from '@skyflow/kube-client';
import { startRealBed, type RealBed } from './real-bed.js';
import { job, until, type TestAgent } from '../../apps/cluster-agent/src/testing/test-bed.spec.js';

const withApiServer = await needing('kube-apiserver');
const LONG_MS = 60_000;
const MCS_CRDS = resolve(import.meta.dirname, '../../deploy/agent/mcs-crds.yaml');

/** API priority and fairness that has one seat (the least that there is) for the agent's patches, and no queue. */
const FEW_PATCHES = `apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: PriorityLevelConfiguration
metadata: {name: few-patches}
spec: {type: Limited, limited: {nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: {type: Reject}}}
---
apiVersion: flowcontrol.apiserver.k8s.io/v1
kind: FlowSchema
metadata: {name: few-patches}
spec:
  matchingPrecedence: 2
  priorityLevelConfiguration: {name: few-patches}
  rules:
    - subjects: [{kind: ServiceAccount, serviceAccount: {name: skyflow-agent, namespace: skyflow}}]
      resourceRules: [{verbs: [patch], apiGroups: [apps], resources: [deployments], namespaces: ["*"]}]
`;

const metaOf = ({ metadata: { name, namespace = 'default', uid } }: StoredObject) => ({ name, namespace, uid });

interface Managed extends KubeObject {
  spec?: { replicas?: number; template?: { spec?: object } };
  metadata: KubeObject['metadata'] & {
    finalizers?: string[];
    managedFields?: { manager: string; operation: string; fieldsV1: object; subresource?: string }[];
  };
}

withApiServer.describe('an agent with no more than its rights, on a real cluster', () => {
  let bed: RealBed;
  let agent: TestAgent;
  /** Of agents before this one. */
  const outputs: string[] = [];

  beforeAll(async () => {
    bed = await startRealBed();
    await bed.kubectl(['apply', '-f', MCS_CRDS]);
    await bed.kubectl(['wait', '--for=condition=Established', '-f', MCS_CRDS, '--timeout=60s']);
    agent = await bed.agent();
  }, 300_000);
  afterAll(async () => {
    // Its gateway would outlive one that is killed.
    await agent.kill('SIGTERM');
    await bed.stop();
  }, LONG_MS);

  const find = (kind: 'deployments' | 'jobs', name: string) =>
    bed.client.find<Managed>(resources[kind], { namespace: 'team', name });
  const reported = (name: string, phase: string, reason?: string) =>
    until(
      `${name} is reported ${phase} ${reason ?? ''}`,
      async () => {
        const last = await bed.lastReport(name);
        return last?.phase === phase && (reason === undefined || last.reason === reason) ? last : undefined;
      },
      LONG_MS,
    );
  const withdrawn = async (object: StoredObject): Promise<void> => {
    await bed.work.withdraw(object);
    await until('it is removed', () => bed.wasRemoved(object.metadata.name), LONG_MS);
  };
  const batch = (name: string, spec: object = {}, pod: object = {}) =>
    job(name, {
      replicas: 1,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }], ...pod } },
      ...spec,
    });

  it('makes the namespace, what pods refer to, and the workload; tells how it is; takes all of it away', async () => {
    const settings: StoredObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'team', uid: 'uid-settings', creationTimestamp: '2026-11-24T08:00:00Z' },
      data: { a: '1' },
    };
    const web = job('web');
    await bed.work.assign(web, { dependencies: [settings] });
    await until('both replicas are ready', async () => (await bed.lastReport('web'))?.ready === 2, LONG_MS);
    await bed.work.assign(batch('once'));
    await reported('once', 'COMPLETED');
    const cluster = (await bed.observed()).findLast(({ type }) => type === 'ClusterObserved');
    expect(cluster?.data).toMatchObject({ reachable: true, kubernetesVersion: 'v1.36.3' });
    await withdrawn(web);
    await withdrawn(batch('once'));
    const left = await bed.kubectl(['get', 'deploy,rs,jobs,pods', '-n', 'team', '-o', 'name']);
    expect(left).toBe('');
    expect(await bed.kubectl(['get', 'cm', '-n', 'team', '-o', 'name'])).toBe('configmap/kube-root-ca.crt\n');
    await bed.work.append('NamespaceWithdrawn', { epoch: 1, namespace: 'team' });
    await until(
      'the namespace is gone',
      async () => ((await bed.kubectl(['get', 'ns', '-o', 'name'])).includes('/team') ? undefined : true),
      LONG_MS,
    );
  }, 180_000);

  it('owns the fields that it sets, takes those back, and leaves those of others alone', async () => {
    const owned = job('owned');
    await bed.work.assign(owned);
    await reported('owned', 'RUNNING');
    const managers = (await find('deployments', 'owned'))?.metadata.managedFields ?? [];
    const own = managers.filter(({ manager }) => manager === 'skyflow-agent');
    expect(own).toMatchObject([{ operation: 'Apply' }]);
    const fields = JSON.stringify(own[0]?.fieldsV1);
    expect(fields).toContain('f:replicas');
    // What the API server fills in is not ours.
    expect(fields).not.toContain('f:strategy');
    expect(fields).not.toContain('f:progressDeadlineSeconds');

    await bed.kubectl(['annotate', 'deploy', 'owned', '-n', 'team', 'team.example/owner=ops']);
    await bed.kubectl(['patch', 'deploy', 'owned', '-n', 'team', '-p', '{"spec":{"minReadySeconds":1,"replicas":4}}']);
    await until('the replicas are put back', async () => (await find('deployments', 'owned'))?.spec?.replicas === 2);
    await bed.work.assign(owned, { replicas: 3 });
    await until('a new share is applied', async () => (await find('deployments', 'owned'))?.spec?.replicas === 3);
    const now = await find('deployments', 'owned');
    expect(now?.metadata.annotations).toMatchObject({ 'team.example/owner': 'ops' });
    expect(now?.spec).toMatchObject({ minReadySeconds: 1 });
    await withdrawn(owned);
  }, 120_000);

  it('never touches an object of that name that it did not make', async () => {
    await bed.kubectl(['create', 'deploy', 'taken', '-n', 'team', '--image', 'other']);
    const before = await find('deployments', 'taken');
    const taken = job('taken');
    await bed.work.assign(taken);
    await reported('taken', 'FAILED', 'NameConflict');
    await bed.work.withdraw(taken);
    await until('nothing of it is left', () => bed.wasRemoved('taken'), LONG_MS);
    const after = await find('deployments', 'taken');
    expect([after?.metadata.uid, after?.spec]).toEqual([before?.metadata.uid, before?.spec]);
    await bed.kubectl(['delete', 'deploy', 'taken', '-n', 'team']);
  }, 120_000);

  it('reports what the API refuses in its own words, and does not repeat what is wrong', async () => {
    await bed.work.assign(job('wrong', { template: { spec: { containers: [{ name: 'Main', image: 'x' }] } } }));
    const report = await reported('wrong', 'FAILED', 'Invalid');
    expect(report.message).toContain('spec.template.spec.containers[0].name: Invalid value: "Main"');
    const attempts = (): number => agent.output().split('the cluster refused work').length - 1;
    const once = attempts();
    await pause(5_000);
    expect(attempts()).toBe(once);
    const future = { containers: [{ name: 'main', image: 'x' }], fieldOfTheFuture: 1 };
    await bed.work.assign(job('wrong', { template: { spec: future } }));
    expect((await reported('wrong', 'FAILED', 'UnknownField')).message).toContain(
      '.spec.template.spec.fieldOfTheFuture',
    );
    await bed.work.assign({ ...job('wrong'), metadata: { ...job('wrong').metadata, generation: 2 } });
    await reported('wrong', 'RUNNING');
    await withdrawn(job('wrong'));
  }, 120_000);

  it('reports what a policy of the cluster denies', async () => {
    const policy = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' };
    const rule = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
    const spec = {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: "object.metadata.name != 'denied'", message: 'no denied here' }],
    };
    const binding = { policyName: 'no-denied', validationActions: ['Deny'] };
    const items = [
      { ...policy, metadata: { name: 'no-denied' }, spec },
      { ...policy, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'no-denied' }, spec: binding },
    ];
    await bed.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    // The API server takes up policies a moment later.
    await until(
      'the policy is in force',
      async () => {
        const dryRun = ['create', 'deploy', 'denied', '--image', 'x', '--dry-run=server'];
        return bed.kubectl(dryRun).then(
          () => undefined,
          () => true,
        );
      },
      LONG_MS,
    );
    await bed.work.assign(job('denied'));
    const report = await reported('denied', 'FAILED', 'AdmissionDenied');
    expect(report.message).toContain('no denied here');
    await withdrawn(job('denied'));
    await bed.kubectl(['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'no-denied']);
  }, 120_000);

  it('does not run a Job again that ended, and went by its TTL, while the agent was down', async () => {
    const brief = batch('brief', { ttlSecondsAfterFinished: 0 });
    await bed.work.assign(brief);
    const made = await until('it is there', () => find('jobs', 'brief'), LONG_MS);
    expect(made.metadata.finalizers).toContain('skyflow.io/report');
    await agent.kill('SIGKILL');
    outputs.push(agent.output());
    await until('its time is over', async () => (await find('jobs', 'brief'))?.metadata.deletionTimestamp, LONG_MS);
    // It may have been killed before its first report.
    expect((await bed.lastReport('brief'))?.phase).not.toBe('COMPLETED');
    agent = await bed.agent();
    await reported('brief', 'COMPLETED');
    await until('it is gone', async () => (await find('jobs', 'brief')) === undefined, LONG_MS);
    await pause(2_000);
    expect(await find('jobs', 'brief')).toBeUndefined();
    await withdrawn(brief);
  }, 120_000);

  it('makes a held Job again that someone deleted before it ended, and removes one that is withdrawn', async () => {
    const held = batch('held', { ttlSecondsAfterFinished: 600 }, {});
    const slow = { ...held, spec: { ...(held.spec as object), template: slowPod() } } as StoredObject;
    await bed.work.assign(slow);
    const { uid } = (await until('it is there', () => find('jobs', 'held'), LONG_MS)).metadata;
    await bed.kubectl(['delete', 'job', 'held', '-n', 'team', '--wait=false']);
    const again = await until(
      'it is made again',
      async () => {
        const now = await find('jobs', 'held');
        return now !== undefined && now.metadata.uid !== uid ? now : undefined;
      },
      LONG_MS,
    );
    expect(again.metadata.finalizers).toContain('skyflow.io/report');
    await withdrawn(slow);
    expect(await find('jobs', 'held')).toBeUndefined();
  }, 120_000);

  const slowPod = () => ({
    metadata: { annotations: { 'embedded.skyflow.io/run-seconds': '600' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] },
  });

  it('keeps a namespace with something foreign in it, and deletes it when that has gone', async () => {
    const inside = { ...job('inside'), metadata: { ...job('inside').metadata, namespace: 'shared' } };
    await bed.work.assign(inside);
    await reported('inside', 'RUNNING');
    await bed.kubectl(['create', 'service', 'clusterip', 'foreign', '-n', 'shared', '--tcp=80']);
    await withdrawn(inside);
    await bed.work.append('NamespaceWithdrawn', { epoch: 1, namespace: 'shared' });
    await until('the agent says why it stays', () => agent.output().includes('it holds Service foreign'), LONG_MS);
    expect(await bed.kubectl(['get', 'ns', 'shared', '-o', 'jsonpath={.status.phase}'])).toBe('Active');
    await bed.kubectl(['delete', 'service', 'foreign', '-n', 'shared']);
    await until(
      'it is gone',
      async () => ((await bed.kubectl(['get', 'ns', '-o', 'name'])).includes('/shared') ? undefined : true),
      LONG_MS,
    );
  }, 180_000);

  it('gives an API time that refuses by priority and fairness, and loses nothing', async () => {
    await bed.kubectl(['apply', '-f', '-'], FEW_PATCHES);
    const names = Array.from({ length: 30 }, (_, at) => `busy-${at}`);
    try {
      const metrics = (): Promise<string> => bed.kubectl(['get', '--raw', '/metrics']);
      const refused = async (): Promise<number> => {
        const lines = (await metrics()).matchAll(
          /^apiserver_flowcontrol_rejected_requests_total\{.*flow_schema="few-patches".*\} (\d+)$/gm,
        );
        return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
      };
      await until(
        'the API keeps to it',
        async () => (await metrics()).includes('priority_level="few-patches"'),
        LONG_MS,
      );
      // It finds all of it at once, so that it asks for more than one thing at a time.
      agent.process.kill('SIGSTOP');
      for (const name of names) await bed.work.assign(job(name), { replicas: 1 });
      agent.process.kill('SIGCONT');
      await until('the API has refused some', async () => (await refused()) > 0, LONG_MS);
      await pause(5_000);
      // All wait together; only a few ask now and then whether there is room.
      expect(await refused()).toBeLessThan(100);
    } finally {
      await bed.kubectl(['delete', '-f', '-'], FEW_PATCHES);
    }
    for (const name of names) await reported(name, 'RUNNING');
    expect(
      (await bed.observed()).some(
        (each) =>
          each.type === 'WorkObserved' && each.data.ref.name.startsWith('busy-') && each.data.phase === 'FAILED',
      ),
    ).toBe(false);
    for (const name of names) await bed.work.withdraw(job(name));
    for (const name of names) await until(`${name} is removed`, () => bed.wasRemoved(name), LONG_MS);
  }, 240_000);

  it('reads ServiceExports of the custom resources, says in them what came of it, and shows imports', async () => {
    const hello = { namespace: 'default', name: 'hello' };
    const mcs = 'apiVersion: multicluster.x-k8s.io/v1beta1\nmetadata: {name: hello}\n';
    await bed.kubectl(['create', 'service', 'clusterip', 'hello', '--tcp=80:8080']);
    await bed.kubectl(['apply', '-f', '-'], `${mcs}kind: ServiceExport\nspec: {exportedLabels: {tier: gold}}\n`);
    const said = await until(
      'the export is told, with the Service that it is of',
      async () => {
        const entry = (await bed.observed()).findLast(({ type }) => type === 'ExportObserved');
        return entry?.type === 'ExportObserved' && entry.data.service !== undefined ? entry.data : undefined;
      },
      LONG_MS,
    );
    expect(said).toMatchObject({ ...hello, declared: { exportedLabels: { tier: 'gold' } } });
    // As the mesh controller decides it of what was told.
    const conditions = [
      {
        ...{ type: 'Valid', status: 'True' as const, reason: 'Valid', message: 'it can be exported' },
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ];
    await bed.work.append('ExportAssigned', { epoch: 1, ...hello, conditions });
    await bed.kubectl(['wait', '--for=condition=Valid', 'serviceexport/hello', '--timeout=60s']);
    expect(await bed.kubectl(['get', 'serviceexport', 'hello'])).toMatch(/^hello +True/m);

    const spec = { type: 'ClusterSetIP' as const, ports: [{ port: 80, protocol: 'TCP' as const }] };
    const shown = { ...{ name: 'hello', labels: { tier: 'gold' }, annotations: {} }, spec, clusters: ['real', 'far'] };
    const object: StoredObject = {
      ...{ apiVersion: 'skyflow.io/v1', kind: 'Service' },
      metadata: {
        ...{ name: 'derived-0123456789', namespace: 'default', uid: 'import-1', generation: 1 },
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec: { ...{ cluster: 'real', type: 'ClusterIP', selector: {}, ports: spec.ports }, import: shown },
    };
    await bed.work.append('ServiceAssigned', { epoch: 1, object, primary: true });
    const clusters = await until(
      'the import is shown',
      async () => {
        const text = await bed.kubectl(['get', 'serviceimports', '-o', 'json']);
        const { items } = JSON.parse(text) as { items: KubeObject[] };
        const found = items.find(({ metadata }) => metadata.name === 'hello');
        const { clusters: from } = (found?.['status'] ?? {}) as { clusters?: { cluster: string }[] };
        const ips = (found?.['spec'] as { ips?: string[] } | undefined)?.ips ?? [];
        return ips.length > 0 ? from : undefined;
      },
      LONG_MS,
    );
    expect(clusters).toEqual([{ cluster: 'real' }, { cluster: 'far' }]);
    // What is wrong in one is refused by the API server itself, as the schema says.
    const wrong = bed.kubectl(['apply', '-f', '-'], `${mcs}kind: ServiceImport\nspec: {type: Round, ports: []}\n`);
    await expect(wrong).rejects.toThrow(/spec.type: Unsupported value: "Round"/);

    await bed.work.append('ServiceWithdrawn', { epoch: 1, ref: { kind: 'Service', ...metaOf(object) } });
    await bed.kubectl(['delete', 'serviceexport/hello', 'service/hello']);
    await bed.kubectl(['wait', '--for=delete', 'serviceimport/hello', '--timeout=60s']);
  }, 180_000);

  it('was never refused for want of rights', () => {
    for (const output of [...outputs, agent.output()]) expect(output).not.toMatch(/is forbidden: User/);
  });

  it('goes on with a token that was rotated, and over a restart of the API server', async () => {
    await bed.work.assign(job('steady'));
    await reported('steady', 'RUNNING');
    await writeFile(bed.tokenFile, await bed.token());
    await bed.cluster.plane.kill('kube-apiserver');
    const unreachable = () =>
      until(
        'it is told',
        async () => {
          const last = (await bed.observed()).findLast(({ type }) => type === 'ClusterObserved');
          return last?.type === 'ClusterObserved' && !last.data.reachable ? last.data : undefined;
        },
        LONG_MS,
      );
    // Nodes that cannot be seen are told as last known, never as none.
    expect((await unreachable()).nodes).toHaveLength(2);
    await bed.work.assign(job('steady'), { replicas: 3 });
    await bed.cluster.plane.restart('kube-apiserver');
    await until(
      'the share that came meanwhile is applied',
      async () => (await find('deployments', 'steady'))?.spec?.replicas === 3,
      LONG_MS,
    );
    expect(await bed.wasRemoved('steady')).toBe(false);
    await withdrawn(job('steady'));
  }, 180_000);
});
