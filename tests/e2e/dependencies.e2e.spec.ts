/** What pods refer to travels with the work or is reported missing by name; Secrets travel sealed. On every kind of cluster. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, Skyflow } from './fixture/skyflow.js';

const PASSWORD = 'correct-horse-battery-staple';
const ENCODED = Buffer.from(PASSWORD).toString('base64');

const secret = (password: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: default}\nstringData: {password: ${password}}\n`;

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      imagePullSecrets: [{name: registry}]
      containers:
        - name: main
          image: nginx:1.27
          command: [sleep, "600"]
          resources: {requests: {cpu: 100m}}
          env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]
`;

const registry = `
apiVersion: v1
kind: Secret
metadata: {name: registry, namespace: default}
type: kubernetes.io/dockerconfigjson
data: {.dockerconfigjson: ${Buffer.from('{"auths":{"r.example":{"auth":"dTpw"}}}').toString('base64')}}
`;

const needy = `
apiVersion: skyflow.io/v1
kind: Job
metadata: {name: needy, namespace: default}
spec:
  replicas: 2
  template:
    spec:
      serviceAccountName: runner
      containers:
        - name: main
          image: nginx:1.27
          command: [sleep, "600"]
          resources: {requests: {cpu: 100m}}
          envFrom: [{secretRef: {name: gone}}]
`;

const homeless = `
apiVersion: skyflow.io/v1
kind: Job
metadata: {name: homeless, namespace: default}
spec:
  replicas: 2
  template:
    spec:
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
      containers:
        - name: main
          image: nginx:1.27
          command: [sleep, "600"]
          resources: {requests: {cpu: 100m}}
          volumeMounts: [{name: data, mountPath: /data}]
`;

interface ShareStatus {
  cluster: string;
  phase: string;
  reason?: string;
  message?: string;
}

describe('what pods refer to', () => {
  const skyflow = new Skyflow();
  const { contexts } = skyflow.clusters;

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    // Ours, on clusters that may stay.
    for (const context of contexts) {
      await skyflow.kubectl(context, ['delete', 'serviceaccount/runner', 'secret/gone', '--ignore-not-found']);
    }
    await skyflow.remove();
  }, 60_000);

  const apply = async (text: string): Promise<void> => {
    expect(await skyflow.skyctl(['apply', '-f', '-'], text)).toMatchObject({ code: 0, stderr: '' });
  };
  const shares = async (name: string): Promise<ShareStatus[]> => {
    const { stdout } = await skyflow.skyctl(['get', 'job', name, '-o', 'json']);
    return (JSON.parse(stdout) as { status: { clusters: ShareStatus[] } }).status.clusters;
  };
  const values = async (name: string): Promise<string[]> => {
    const outputs = await Promise.all(
      contexts.map((context) => skyflow.kubectl(context, ['get', 'secret', name, '-o', 'jsonpath={.data}'])),
    );
    return outputs.map(({ stdout }) => stdout);
  };
  const onDisk = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  /** Snapshots are replaced while they are looked at: one that is gone holds nothing. */
  const contentOf = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return Buffer.alloc(0);
    }
  };

  it('travels: a Secret is on each cluster that runs its workload, changes there, and is nowhere on disk in clear', async () => {
    await apply(`${secret(PASSWORD)}---\n${registry}---\n${web}`);
    await eventually('the clusters have the password and the pull secret', async () => {
      for (const text of await values('db')) expect(JSON.parse(text)).toEqual({ password: ENCODED });
      for (const text of await values('registry')) expect(text).toContain('.dockerconfigjson');
    });
    await eventually('it runs', async () => {
      expect((await skyflow.skyctl(['get', 'deployments', 'web'])).stdout).toMatch(/web .*RUNNING/);
    });
    await apply(secret('changed'));
    await eventually('the change is there', async () => {
      for (const text of await values('db')) {
        expect(JSON.parse(text)).toEqual({ password: Buffer.from('changed').toString('base64') });
      }
    });
    expect((await skyflow.skyctl(['get', 'secret', 'db', '-o', 'jsonpath={.data.password}'])).stdout).toBe(
      Buffer.from('changed').toString('base64'),
    );
    const contents = onDisk(skyflow.home).map((file) => [file, contentOf(file)] as const);
    expect(contents.some(([file, bytes]) => file.includes('/nats/') && bytes.includes('"sealed"'))).toBe(true);
    for (const [file, bytes] of contents) {
      expect([file, bytes.includes(PASSWORD) || bytes.includes(ENCODED)]).toEqual([file, false]);
    }
  }, 60_000);

  it('goes when the last workload goes that needs it', async () => {
    await skyflow.skyctl(['delete', 'deployment', 'web']);
    await eventually('the clusters have no password any more', async () => {
      expect(await values('db')).toEqual(contexts.map(() => ''));
    });
    expect((await skyflow.skyctl(['get', 'secret', 'db'])).code).toBe(0);
  });

  it('or is reported missing by name, per cluster, until it is there', async () => {
    await apply(needy);
    await eventually('each share names what is missing', async () => {
      const found = await shares('needy');
      expect(found).toHaveLength(2);
      for (const share of found) {
        expect(share).toMatchObject({ phase: 'PENDING', reason: 'MissingDependency' });
        expect(share.message).toContain('Secret gone, ServiceAccount runner are missing');
      }
    });
    for (const verb of ['describe', 'explain']) {
      const { stdout } = await skyflow.skyctl([verb, 'job', 'needy']);
      for (const context of contexts) expect(stdout).toMatch(new RegExp(`${context}.*MissingDependency`));
    }
    const [first, second] = contexts;
    const create = async (context: string): Promise<void> => {
      await skyflow.kubectl(context, ['create', 'serviceaccount', 'runner']);
      await skyflow.kubectl(context, ['create', 'secret', 'generic', 'gone', '--from-literal=a=1']);
    };
    await create(first);
    await eventually(
      'the share of the cluster that has them runs, the other one still waits',
      async () => {
        const byCluster = new Map((await shares('needy')).map((share) => [share.cluster, share]));
        expect(byCluster.get(first)).toMatchObject({ phase: 'RUNNING' });
        expect(byCluster.get(second)).toMatchObject({ phase: 'PENDING', reason: 'MissingDependency' });
      },
      60_000,
    );
    await create(second);
    await eventually(
      'all of it runs',
      async () => {
        expect((await shares('needy')).map(({ phase }) => phase)).toEqual(['RUNNING', 'RUNNING']);
      },
      60_000,
    );
  }, 150_000);

  it('and so is a volume claim, with what the scheduler of each cluster says', async () => {
    await apply(homeless);
    // An agent reports a change of words alone after 30 s (WORDS_AFTER_MS).
    const deadlineMs = 90_000;
    const check = async (): Promise<void> => {
      const found = await shares('homeless');
      expect(found).toHaveLength(2);
      for (const share of found) {
        expect(share).toMatchObject({ phase: 'PENDING', reason: 'MissingDependency' });
        expect(share.message).toMatch(/^PersistentVolumeClaim data is missing.*persistentvolumeclaim "data" not found/);
      }
    };
    await eventually('each share names the claim', check, deadlineMs);
  }, 120_000);
});
