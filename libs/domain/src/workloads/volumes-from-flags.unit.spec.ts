import { describe, expect, it } from '@jest/globals';
import { jobFromFlags } from './workload-from-flags.js';

const podOf = (source: string, directory: string) => {
  const result = jobFromFlags({ name: 'x', namespace: 'default', volumes: [{ key: source, value: directory }] });
  return result.ok ? result.object.spec.template.spec : result.problems.map(({ flag, rule }) => `${flag} ${rule}`);
};

describe('volumes made of flags', () => {
  it.each([
    ['data', { persistentVolumeClaim: { claimName: 'data' } }],
    ['configmap/settings', { configMap: { name: 'settings' } }],
    ['secret/keys', { secret: { secretName: 'keys' } }],
    ['/srv/data', { hostPath: { path: '/srv/data' } }],
    ['empty', { emptyDir: {} }],
  ])('%s', (source, volume) => {
    expect(podOf(source, '/data')).toMatchObject({
      volumes: [{ name: 'volume-1', ...volume }],
      containers: [{ volumeMounts: [{ name: 'volume-1', mountPath: '/data' }] }],
    });
  });

  it.each([
    ['gs://bucket', '/data', /buckets are not mounted/],
    ['data', 'data', /absolute directory/],
    ['pod/x', '/data', /must be SOURCE DIR/],
    ['Data!', '/data', /must be SOURCE DIR/],
  ])('%s at %s is refused', (source, directory, message) => {
    expect(podOf(source, directory)).toEqual([expect.stringMatching(message)]);
  });
});
