import { describe, expect, it } from '@jest/globals';
import { humanAge, humanDuration } from '@skyflow/contracts';
import { negotiate } from './media-type.js';
import { parsePath } from './request-info.js';

describe('an Accept header', () => {
  it.each([
    [undefined, { format: 'json' }],
    ['*/*', { format: 'json' }],
    ['application/vnd.kubernetes.protobuf,application/json', { format: 'json' }],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', { format: 'json', as: 'Table' }],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', { format: 'json' }],
    ['application/yaml;q=0.9,application/json;q=0.1', { format: 'yaml' }],
    [
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json',
      { format: 'json', aggregatedDiscovery: 'v2' },
    ],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
  ])('%s is understood', (accept, expected) => {
    expect(negotiate(accept)).toEqual(expected);
  });
});

describe('a path', () => {
  it.each([
    ['/api/v1/pods', { group: '', version: 'v1', plural: 'pods' }],
    ['/api/v1/namespaces', { group: '', version: 'v1', plural: 'namespaces' }],
    ['/api/v1/namespaces/a', { group: '', version: 'v1', plural: 'namespaces', name: 'a' }],
    [
      '/api/v1/namespaces/a/status',
      { group: '', version: 'v1', plural: 'namespaces', name: 'a', subresource: 'status' },
    ],
    ['/api/v1/namespaces/a/pods/', { group: '', version: 'v1', plural: 'pods', namespace: 'a' }],
    [
      '/apis/apps/v1/namespaces/a/deployments/b%2Fc',
      { group: 'apps', version: 'v1', plural: 'deployments', namespace: 'a', name: 'b/c' },
    ],
    [
      '/api/v1/namespaces/a/pods/b/proxy/x/y',
      { group: '', version: 'v1', plural: 'pods', namespace: 'a', name: 'b', subresource: 'proxy', rest: 'x/y' },
    ],
  ])('%s names a resource', (path, expected) => {
    expect(parsePath(path)).toEqual({ kind: 'resource', path: expected });
  });

  it.each(['/', '/api', '/apis/', '/api/v1', '/apis/apps/v1', '/version', '/openapi/v3/api/v1'])(
    '%s names none',
    (path) => {
      expect(parsePath(path)?.kind).toBe('other');
    },
  );
});

describe('an age', () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  it.each([
    [0, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [9 * minute + 5 * second, '9m5s'],
    [10 * minute + 5 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour + 5 * minute, '3h5m'],
    [8 * hour + 5 * minute, '8h'],
    [47 * hour, '47h'],
    [2 * day + 3 * hour, '2d3h'],
    [8 * day + 3 * hour, '8d'],
    [800 * day, '2y70d'],
    [3000 * day, '8y'],
    [-5 * second, '<invalid>'],
  ])('of %d ms is shown as %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it('of nothing is unknown', () => {
    expect(humanAge(undefined, 0)).toBe('<unknown>');
    expect(humanAge('1970-01-01T00:00:00Z', 5000)).toBe('5s');
  });
});
