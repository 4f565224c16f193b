/** Services of clusters whose pods really run: real bytes over cluster IPs, node ports and load balancers. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { get } from 'node:http';
import { connect } from 'node:net';
import type { KubeObject } from '@skyflow/contracts';
import type { Service } from '../model/workloads.js';
import { ClusterFixture, until } from '../testing/cluster-fixture.js';

/** Answers with the pod's name; the pod listens on its own address, as pods in one network namespace per pod do. */
const SERVER = "require('http').createServer((_, r) => r.end(process.env.HOSTNAME)).listen(8080, process.env.POD_IP)";

const deployment = (name: string, replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'main',
            image: 'node',
            command: [process.execPath, '-e', SERVER],
            env: [{ name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

const ask = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host, port, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });

const onLinux = await needing('Linux');

onLinux.describe('services of the process runtime', () => {
  const fixture = new ClusterFixture();
  const find = (name: string): Service | undefined => fixture.find('Service', name);

  /** Every pod that answers, asked until `count` are known. */
  const answers = (host: string, port: number, count: number): Promise<Set<string>> => {
    const seen = new Set<string>();
    return until(`${count} pods to answer`, async () => {
      seen.add(await ask(host, port).catch(() => 'none'));
      seen.delete('none');
      return seen.size >= count ? seen : undefined;
    });
  };

  beforeAll(async () => {
    await fixture.start({ runtime: 'process' });
    await fixture.create(deployment('web', 3));
  });
  afterAll(async () => {
    await fixture.stop();
    expect(fixture.unexpected).toEqual([]);
  });

  it('balance over ready pods at the address that kubectl shows', async () => {
    await fixture.kubectl('expose deployment web --type LoadBalancer --port 8008 --target-port 8080');
    const address = await until('the address', () => {
      const status = find('web')?.['status'] as { loadBalancer?: { ingress?: { ip: string }[] } } | undefined;
      return status?.loadBalancer?.ingress?.[0]?.ip;
    });
    expect(await fixture.kubectl('get service web')).toContain(address);
    const pods = await answers(address, 8008, 3);
    expect([...pods].every((pod) => pod.startsWith('web-'))).toBe(true);
    const nodePort = find('web')?.spec.ports?.[0]?.nodePort ?? 0;
    expect([...pods]).toContain(await ask('127.0.0.1', nodePort));
  });

  it('count endpoints in slices that others made, and follow pods that come and go', async () => {
    const address = find('web')?.spec.clusterIP ?? '';
    await fixture.create(deployment('other', 1));
    const pod = await until('the other pod', () =>
      fixture.list('Pod').find(({ metadata, status }) => metadata.labels?.['app'] === 'other' && status?.podIP),
    );
    await fixture.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-elsewhere', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [pod.status?.podIP], conditions: { ready: true } }],
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    });
    expect([...(await answers(address, 8008, 4))].some((name) => name.startsWith('other-'))).toBe(true);
    await fixture.kubectl('scale deployment web --replicas 0');
    await until('only the other', async () => {
      const names = await Promise.all(Array.from({ length: 10 }, () => ask(address, 8008).catch(() => 'none')));
      return names.every((name) => name.startsWith('other-'));
    });
  });

  it('refuse when there is no endpoint, and listen no more when they are deleted', async () => {
    await fixture.kubectl('create service clusterip nobody --tcp 80:80');
    const nobody = await until('a cluster IP', () => find('nobody')?.spec.clusterIP);
    await expect(ask(nobody, 80)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const address = find('web')?.spec.clusterIP ?? '';
    await fixture.kubectl('delete service web');
    await until('nothing to listen', () =>
      ask(address, 8008).then(
        () => false,
        (error: unknown) => (error as NodeJS.ErrnoException).code === 'ECONNREFUSED',
      ),
    );
  });

  it('keep a client on one pod where the service asks for it, and half-closed connections open', async () => {
    await fixture.kubectl('scale deployment web --replicas 3');
    const metadata = { name: 'sticky', namespace: 'default' };
    const spec = { selector: { app: 'web' }, sessionAffinity: 'ClientIP', ports: [{ port: 80, targetPort: 8080 }] };
    await fixture.create({ apiVersion: 'v1', kind: 'Service', metadata, spec });
    const address = find('sticky')?.spec.clusterIP ?? '';
    await answers(address, 80, 1);
    await until('three endpoints', () => {
      const slice = fixture
        .list('EndpointSlice')
        .find(({ metadata: { labels } }) => labels?.['kubernetes.io/service-name'] === 'sticky');
      const ready = (slice?.['endpoints'] as { conditions: { ready: boolean } }[] | undefined) ?? [];
      return ready.length === 3 && ready.every(({ conditions }) => conditions.ready);
    });
    const names = await Promise.all(Array.from({ length: 20 }, () => ask(address, 80)));
    expect(new Set(names).size).toBe(1);

    const socket = connect({ host: address, port: 80, allowHalfOpen: true });
    const text = new Promise<string>((resolve, reject) => {
      let got = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (got += chunk));
      socket.on('end', () => resolve(got)).on('error', reject);
    });
    socket.end('GET / HTTP/1.0\r\n\r\n');
    expect(await text).toContain(names[0]);
  });
});
