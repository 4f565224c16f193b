import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { mergedKubeconfig } from './merged-kubeconfig.js';

/** As k3s writes it: everything is called "default". */
const k3s = (port: number): string => `apiVersion: v1
kind: Config
clusters:
  - name: default
    cluster: { server: "https://127.0.0.1:${port}", certificate-authority-data: Y2E= }
users:
  - name: default
    user: { client-key-data: a2V5 }
contexts:
  - name: default
    context: { cluster: default, user: default }
`;

describe('one kubeconfig from several', () => {
  it('keeps each cluster with its user under its own name', () => {
    const parts = [6443, 6444].map((port) => ({ name: `k3s-${port}`, kubeconfig: k3s(port) }));
    const merged = parse(mergedKubeconfig(parts)) as { contexts: unknown[]; clusters: unknown[] };
    expect(merged.contexts).toEqual(
      ['k3s-6443', 'k3s-6444'].map((name) => ({ name, context: { cluster: name, user: name, namespace: 'default' } })),
    );
    expect(merged.clusters).toContainEqual({
      name: 'k3s-6444',
      cluster: { server: 'https://127.0.0.1:6444', 'certificate-authority-data': 'Y2E=' },
    });
  });

  it('names the one that is none', () => {
    expect(() => mergedKubeconfig([{ name: 'broken', kubeconfig: '' }])).toThrow(/broken/);
  });
});
