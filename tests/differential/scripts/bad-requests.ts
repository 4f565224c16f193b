/** Requests that are wrong as requests: methods, bodies, types, names, versions, options. */
import type { Script } from './scripts.js';

const maps = '/api/v1/namespaces/{ns}/configmaps';
const map = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

export const badRequests: Script = {
  name: 'bad-requests',
  async play(session) {
    const post = (step: string, body: unknown, headers: Record<string, string> = {}, path = maps): Promise<unknown> =>
      session.api(step, { method: 'POST', path, body, headers });
    await post('broken JSON', '{"kind": "ConfigMap", oops');
    await post('empty body', '');
    await post('a list for an object', '[]');
    await post('a number for an object', '5');
    await post('null', 'null');
    await post('another kind', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } });
    await post('another version', { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } });
    await post('another namespace', { ...map('a'), metadata: { name: 'a', namespace: 'elsewhere' } });
    await post('metadata of a wrong type', { ...map('a'), metadata: 'a' });
    await post('labels of a wrong type', { ...map('a'), metadata: { name: 'a', labels: ['a'] } });
    await post('label of a wrong type', { ...map('a'), metadata: { name: 'a', labels: { a: 1 } } });
    await post('a media type that nobody reads', 'x', { 'content-type': 'text/plain' });
    await post('broken YAML', 'kind: ConfigMap\n bad: [', { 'content-type': 'application/yaml' });
    await post('field manager too long', map('a'), {}, `${maps}?fieldManager=${'m'.repeat(129)}`);
    await post('dry run of something', map('a'), {}, `${maps}?dryRun=Some`);
    await post('a namespace that is not there', map('a'), {}, '/api/v1/namespaces/diff-nowhere/configmaps');
    await post('to an object', map('a'), {}, `${maps}/a`);
    await post('to all namespaces', map('a'), {}, '/api/v1/configmaps');
    await post('owner without uid', {
      ...map('a'),
      metadata: { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] },
    });
    await post('two controllers', {
      ...map('a'),
      metadata: {
        name: 'a',
        ownerReferences: ['1', '2'].map((uid) => ({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid, controller: true })),
      },
    });
    await post('finalizer without a domain', { ...map('a'), metadata: { name: 'a', finalizers: ['mine'] } });
    await post('a', map('a'));
    await post('a again', map('a'));
    await post('a again, tried only', map('a'), {}, `${maps}?dryRun=All`);
    await session.api('get what is not there', { path: `${maps}/nothing` });
    await session.api('get in a namespace that is not there', { path: '/api/v1/namespaces/diff-nowhere/configmaps/a' });
    await session.api('get with a wrong type', { path: `${maps}/a`, headers: { accept: 'text/csv' } });
    await session.api('get at a wrong version', { path: `${maps}/a?resourceVersion=x` });
    await session.api('delete what is not there', { method: 'DELETE', path: `${maps}/nothing` });
    await session.api('delete with a wrong policy', { method: 'DELETE', path: `${maps}/a?propagationPolicy=Perhaps` });
    await session.api('delete with a wrong grace', { method: 'DELETE', path: `${maps}/a?gracePeriodSeconds=soon` });
    await session.api('delete of another uid', {
      method: 'DELETE',
      path: `${maps}/a`,
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: '1' } },
    });
    await session.api('delete of another version', {
      method: 'DELETE',
      path: `${maps}/a`,
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { resourceVersion: '1' } },
    });
    await session.api('a verb that nobody has', { method: 'PROPFIND', path: `${maps}/a` });
    await session.api('put to a collection', { method: 'PUT', path: maps, body: map('a') });
    await session.api('patch of a collection', { method: 'PATCH', path: maps, body: {} });
    await session.api('a subresource that is not there', { path: `${maps}/a/status` });
    await session.api('scale of what has none', { path: `${maps}/a/scale` });
    await session.api('no token', { path: `${maps}/a`, headers: { authorization: '' } });
    await session.api('a wrong token', { path: `${maps}/a`, headers: { authorization: 'Bearer wrong' } });
    await session.api('no such path', { path: '/nowhere' });
    await session.api('delete default', { method: 'DELETE', path: '/api/v1/namespaces/default' });
    await session.api('delete kube-system', { method: 'DELETE', path: '/api/v1/namespaces/kube-system' });
  },
};
