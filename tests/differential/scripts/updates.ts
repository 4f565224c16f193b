/** PUT: versions, what may not change, status apart from spec, generation, scale. */
import type { Script } from './scripts.js';

const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';
const maps = '/api/v1/namespaces/{ns}/configmaps';
const services = '/api/v1/namespaces/{ns}/services';
const jobs = '/apis/batch/v1/namespaces/{ns}/jobs';

interface Stored {
  metadata: Record<string, unknown>;
  spec: Record<string, unknown>;
}

const container = { name: 'c', image: 'x' };
/** Paused, so that no controller writes between the steps. */
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    replicas: 0,
    paused: true,
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
  },
};

export const updates: Script = {
  name: 'updates',
  async play(session) {
    const put = (step: string, path: string, body: unknown): Promise<unknown> =>
      session.api(step, { method: 'PUT', path, body });
    await session.api('create a map', {
      method: 'POST',
      path: `${maps}?fieldManager=one`,
      body: { metadata: { name: 'm' }, data: { a: '1' } },
    });
    const first = (await session.fetch(`${maps}/m`)) as Stored & { data: object };
    await put('change it', `${maps}/m?fieldManager=two`, { ...first, data: { a: '1', b: '2' } });
    await put('change it from an old version', `${maps}/m?fieldManager=two`, { ...first, data: { c: '3' } });
    await put('change it without a version', `${maps}/m?fieldManager=two`, {
      metadata: { name: 'm' },
      data: { c: '3' },
    });
    await put('change nothing', `${maps}/m?fieldManager=three`, { metadata: { name: 'm' }, data: { c: '3' } });
    await put('version in words', `${maps}/m`, { metadata: { name: 'm', resourceVersion: 'x' } });
    await put('another uid', `${maps}/m`, { metadata: { name: 'm', uid: '1' } });
    await put('another name', `${maps}/m`, { metadata: { name: 'n' } });
    await put('create by update', `${maps}/new`, { metadata: { name: 'new' }, data: { a: '1' } });
    await put('update what is not there', `${deployments}/nothing`, deployment);
    await put('make it immutable', `${maps}/m`, { metadata: { name: 'm' }, data: { c: '3' }, immutable: true });
    await put('change what is immutable', `${maps}/m`, { metadata: { name: 'm' }, data: { c: '4' }, immutable: true });
    await put('make it mutable again', `${maps}/m`, { metadata: { name: 'm' }, data: { c: '3' } });

    await session.api('create a deployment', { method: 'POST', path: deployments, body: deployment });
    const view = ({ metadata: { managedFields: _own, ...metadata }, spec }: Stored): unknown => ({ metadata, spec });
    const observed = (object: Stored & { status?: { observedGeneration?: number } }): boolean =>
      object.status?.observedGeneration === object.metadata.generation;
    const stored = await session.settled<Stored & { status?: { observedGeneration?: number } }>(
      'it is observed',
      `${deployments}/d`,
      observed,
      view,
    );
    await put('another selector', `${deployments}/d`, {
      ...deployment,
      spec: { ...deployment.spec, selector: { matchLabels: { a: 'c' } } },
    });
    const { resourceVersion: _version, ...metadata } = stored.metadata;
    await session.api('labels alone keep the generation', {
      method: 'PATCH',
      path: `${deployments}/d`,
      body: { metadata: { labels: { x: 'y' } } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await put('status cannot change spec', `${deployments}/d/status`, {
      ...deployment,
      metadata,
      spec: { ...deployment.spec, replicas: 7 },
      status: { replicas: -1 },
    });
    await session.api('the scale', { path: `${deployments}/d/scale` });
    await put('scale to 3, without a version', `${deployments}/d/scale?fieldManager=scaler`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd' },
      spec: { replicas: 0 },
    });
    await put('scale below nothing', `${deployments}/d/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd' },
      spec: { replicas: -1 },
    });
    await put('scale with another kind', `${deployments}/d/scale`, deployment);
    await session.api('scale by a patch', {
      method: 'PATCH',
      path: `${deployments}/d/scale?fieldManager=scaler`,
      body: { spec: { replicas: 2 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await session.api('create a service', {
      method: 'POST',
      path: services,
      body: { metadata: { name: 's' }, spec: { selector: { a: 'b' }, ports: [{ port: 80 }] } },
    });
    await session.api('another cluster IP', {
      method: 'PATCH',
      path: `${services}/s`,
      body: { spec: { clusterIP: '10.96.200.200' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await session.api('to NodePort and back', {
      method: 'PATCH',
      path: `${services}/s`,
      body: { spec: { type: 'NodePort' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await session.api('back to ClusterIP', {
      method: 'PATCH',
      path: `${services}/s`,
      body: { spec: { type: 'ClusterIP' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });

    await session.api('create a suspended job', {
      method: 'POST',
      path: jobs,
      body: {
        metadata: { name: 'j' },
        spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
      },
    });
    await session.settled<{ status?: { conditions?: unknown[] } }>(
      'the job is suspended',
      `${jobs}/j`,
      ({ status }) => (status?.conditions?.length ?? 0) > 0,
      ({ status }) => status?.conditions?.length,
    );
    for (const [what, spec] of Object.entries({
      'completions of a job': { completions: 5 },
      'template of a job': { template: { spec: { restartPolicy: 'OnFailure' } } },
      'parallelism of a job': { parallelism: 3 },
      'back-off of a job': { backoffLimit: 3 },
    })) {
      await session.api(what, {
        method: 'PATCH',
        path: `${jobs}/j?dryRun=All`,
        body: { spec },
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
      });
    }

    await session.api('create a pod that waits', {
      method: 'POST',
      path: '/api/v1/namespaces/{ns}/pods',
      body: { metadata: { name: 'p' }, spec: { nodeSelector: { no: 'where' }, containers: [container] } },
    });
    // Its condition comes when the scheduler has looked at it, and is in every answer from then on.
    await session.settled<{ status?: { conditions?: { reason?: string }[] } }>(
      'the pod waits',
      '/api/v1/namespaces/{ns}/pods/p',
      ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true,
      ({ status }) => status?.conditions?.map(({ reason }) => reason),
    );
    for (const [what, spec] of Object.entries({
      'image of a pod': { containers: [{ name: 'c', image: 'y' }] },
      'command of a pod': { containers: [{ name: 'c', command: ['z'] }] },
      'restart policy of a pod': { restartPolicy: 'Never' },
      'another container for a pod': { containers: [{ name: 'd', image: 'y' }] },
      'deadline of a pod': { activeDeadlineSeconds: 30 },
      'another node for a pod': { nodeName: 'n' },
    })) {
      await session.api(what, {
        method: 'PATCH',
        path: '/api/v1/namespaces/{ns}/pods/p?dryRun=All',
        body: { spec },
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
      });
    }
  },
};
