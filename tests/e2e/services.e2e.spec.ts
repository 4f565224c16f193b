/** A service over clusters: typed as the seed's README has it, then asked over HTTP until pods of every cluster have answered. */
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { needing } from '@skyflow/needs';
import { agentOf } from './fixture/agent-of.js';
import { eventually, Skyflow } from './fixture/skyflow.js';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'web.yaml');

interface Status {
  phase: string;
  cluster?: string;
  externalIPs?: string[];
  ready: number;
  total: number;
  clusters: { cluster: string; plane?: string }[];
  endpoints: { cluster: string; address: string; pod: string; used: boolean }[];
}

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  spec: object;
}

const skyflow = new Skyflow();
// Pods answer only where they are real processes at addresses of this machine.
const wherePodsAnswer = await needing('service addresses', 'Linux');

wherePodsAnswer.describe('a service over clusters', () => {
  const [cloud, onprem] = skyflow.clusters.contexts as [string, string];

  beforeAll(async () => {
    await skyflow.up();
  }, 120_000);

  afterAll(async () => {
    await skyflow.remove();
  }, 60_000);

  const skyctl = skyflow.typed;
  const statusOf = async (name: string): Promise<Status> =>
    (JSON.parse(await skyctl('get', 'service', name, '-o', 'json')) as { status: Status }).status;
  const ask = (host: string, port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ host, port, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(text.trim()));
      }).on('error', reject);
    });
  /** Asks until every pod has answered that the status says is used. */
  const everyPodAnswers = async (name: string, port: number, pods: number): Promise<Status> => {
    const seen = new Set<string>();
    let status: Status | undefined;
    await eventually(`${pods} pods of ${name} to answer`, async () => {
      status = await statusOf(name);
      expect(status).toMatchObject({ phase: 'READY', ready: pods, total: pods });
      const [host = ''] = status.externalIPs ?? [];
      for (let i = 0; i < 2 * pods; i++) seen.add(await ask(host, port));
      expect([...seen].sort()).toEqual(expect.arrayContaining(status.endpoints.map(({ pod }) => pod).sort()));
    });
    return status as Status;
  };

  it('is a native service whose answers come from pods of both clusters', async () => {
    await skyctl('apply', '-f', EXAMPLE);
    await skyctl(
      ...['create', 'service', 'my-web-service', '--type', 'LoadBalancer', '--selector', 'app', 'web'],
      ...['--ports', '8008', '8080', '--cluster', onprem],
    );
    const status = await everyPodAnswers('my-web-service', 8008, 4);
    expect(new Set(status.endpoints.map(({ cluster }) => cluster))).toEqual(new Set([cloud, onprem]));
    const native = await skyflow.kubectl(onprem, ['get', 'service', 'my-web-service', '-o', 'jsonpath={.spec.type}']);
    expect(native.stdout).toBe('LoadBalancer');
    const elsewhere = await skyflow.kubectl(cloud, ['get', 'services', '-o', 'name']);
    expect(elsewhere.stdout).not.toContain('my-web-service');
  });

  it('follows the pods when the workload is scaled', async () => {
    await skyctl('scale', 'deployment', 'web', '--replicas', '6');
    await everyPodAnswers('my-web-service', 8008, 6);
    await skyctl('scale', 'deployment', 'web', '--replicas', '2');
    await everyPodAnswers('my-web-service', 8008, 2);
  });

  it('tells in describe what is behind it and what proves that connections arrive', async () => {
    let text = '';
    // Before a pod is tried, the way to the gateway is all that is proved.
    await eventually('a pod to be tried', async () => {
      text = await skyctl('describe', 'service', 'my-web-service');
      expect(text).toMatch(
        new RegExp(
          `${cloud}\\s+1/1\\s+50 %\\s+gateway\\s+UP\\s+connected to web-\\S+ through the gateway of ${cloud} in`,
        ),
      );
    });
    expect(text).toMatch(/Status:\s+READY/);
    expect(text).toMatch(new RegExp(`${onprem}\\s+1/1\\s+50 %\\s+-\\s+local`));
    expect(text).toMatch(new RegExp(`${cloud}\\s+gateway\\s+auto: .+\\s+skyctl describe link ${onprem}.${cloud}`));
  });

  it('shows endpoints and links, what goes over them, and what a check of the mesh proves', async () => {
    expect(await skyctl('get', 'endpoints', 'my-web-service')).toMatch(
      new RegExp(`my-web-service\\s+${onprem}\\s+2/2\\s+\\S*${cloud}/127\\.`),
    );
    await eventually('a pod to be tried', async () =>
      expect(await skyctl('get', 'links')).toMatch(
        new RegExp(
          `${onprem}\\.${cloud}\\s+${onprem}\\s+${cloud}\\s+auto\\s+gateway\\s+UP\\s+1\\s+1/1\\s.*connected to web-`,
        ),
      ),
    );
    expect(await skyctl('mesh', 'top')).toMatch(
      new RegExp(`${onprem}\\s+${cloud}\\s+gateway\\s+UP\\s+\\d+\\s+\\d+\\s+\\d+\\s+[1-9]`),
    );
    const check = await skyctl('mesh', 'check');
    expect(check).toMatch(
      new RegExp(`ok\\s+link ${onprem}\\.${cloud}\\s+default/my-web-service: reached web-\\S+ at 127\\.`),
    );
    expect(check).toContain('The mesh works.');
  });

  it('reaches pods at their own addresses where the service asks for that, and through gateways again', async () => {
    const plane = async (): Promise<string | undefined> =>
      (await statusOf('my-web-service')).clusters.find(({ cluster }) => cluster === cloud)?.plane;
    expect(await plane()).toBe('gateway');
    for (const wanted of ['flat', 'gateway']) {
      const object = JSON.parse(await skyctl('get', 'service', 'my-web-service', '-o', 'json')) as Manifest;
      const { apiVersion, kind, metadata, spec } = object;
      const { name, namespace } = metadata;
      const manifest = { apiVersion, kind, metadata: { name, namespace }, spec: { ...spec, plane: wanted } };
      const applied = await skyflow.skyctl(['apply', '-f', '-'], JSON.stringify(manifest));
      expect(applied).toMatchObject({ code: 0, stderr: '' });
      await eventually(`the plane ${wanted}`, async () => expect(await plane()).toBe(wanted));
      await everyPodAnswers('my-web-service', 8008, 2);
      // What proved the plane before proves nothing of this one.
      const proof = wanted === 'flat' ? /connected to 127\./ : /connected to web-\S+ through the gateway/;
      await eventually('it to be proved', async () => expect(await skyctl('get', 'links')).toMatch(proof));
    }
  }, 120_000);

  it('loses no connection when the agents of both clusters are killed: gateways outlive them and are taken over', async () => {
    const [host = ''] = (await statusOf('my-web-service')).externalIPs ?? [];
    const remote = (await statusOf('my-web-service')).endpoints.find((each) => each.cluster === cloud)?.pod ?? '';
    // One connection, kept: every answer on it comes from the same pod.
    const askOn = (agent: Agent): Promise<string> =>
      new Promise((resolve, reject) => {
        get({ host, port: 8008, agent }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve(text.trim()));
        }).on('error', reject);
      });
    let kept = new Agent({ keepAlive: true, maxSockets: 1 });
    await eventually('a connection to a pod of the other cluster', async () => {
      kept.destroy();
      kept = new Agent({ keepAlive: true, maxSockets: 1 });
      expect(await askOn(kept)).toContain(remote);
    });
    const before = [onprem, cloud].map((each) => agentOf(skyflow, each));
    for (const pid of before) process.kill(pid, 'SIGKILL');
    try {
      // The server ends connections that are idle for 5 s: asked all the time, none is.
      await eventually('agents that answer again', async () => {
        expect(await askOn(kept)).toContain(remote);
        const after = [onprem, cloud].map((each) => agentOf(skyflow, each));
        expect(after.some((pid) => before.includes(pid))).toBe(false);
        expect((await skyflow.skyctl(['mesh', 'check'])).stdout).toContain('The mesh works.');
      });
      expect(await askOn(kept)).toContain(remote);
      const sockets = Object.values(kept.freeSockets).flat();
      expect(sockets).toHaveLength(1);
    } finally {
      kept.destroy();
    }
    await everyPodAnswers('my-web-service', 8008, 2);
  });

  it('keeps with a link what was looked at to know how pods are reached', async () => {
    const link = JSON.parse(await skyctl('get', 'link', `${onprem}.${cloud}`, '-o', 'json')) as {
      status: { evidence: { check: string; ok?: boolean; message: string }[] };
    };
    const { evidence } = link.status;
    // Pods of both have addresses of one network, on purpose.
    expect(evidence.find(({ check }) => check === 'networks')).toMatchObject({ ok: false });
    expect(evidence.find(({ check }) => check === 'addresses')).toMatchObject({ ok: true });
    expect(await skyctl('describe', 'link', `${onprem}.${cloud}`)).toContain('overlap');
  });

  it('chooses the cluster with the most ready pods and says so', async () => {
    await skyctl(
      'create',
      'service',
      'anywhere',
      '--selector',
      'app=web',
      '--ports',
      '80',
      'http',
      '--type',
      'LoadBalancer',
    );
    const { cluster } = await everyPodAnswers('anywhere', 80, 2);
    expect([cloud, onprem]).toContain(cluster);
    expect(await skyctl('describe', 'service', 'anywhere')).toContain(`${cluster} (chosen: most ready pods: `);
  });

  it('has headless services, whose slices have the pods of every cluster, and external names', async () => {
    const where = ['--cluster', onprem] as const;
    await skyctl(
      'create',
      'service',
      'peers',
      '--type',
      'headless',
      '--selector',
      'app=web',
      '--ports',
      '80',
      '8080',
      ...where,
    );
    await skyctl('create', 'service', 'elsewhere', '--external-name', 'db.example.org', ...where);
    await eventually('both', async () => {
      expect(await statusOf('peers')).toMatchObject({ phase: 'READY', ready: 2, clusterIP: 'None' });
      expect(await statusOf('elsewhere')).toMatchObject({ phase: 'READY', total: 0 });
    });
    const slices = await skyflow.kubectl(onprem, [
      ...['get', 'endpointslices', '-l', 'kubernetes.io/service-name=peers'],
      ...['-o', 'jsonpath={.items[*].endpoints[*].addresses[0]}'],
    ]);
    const { endpoints } = await statusOf('peers');
    expect(slices.stdout.trim().split(' ').sort()).toEqual(endpoints.map(({ address }) => address).sort());
    const external = await skyflow.kubectl(onprem, [
      'get',
      'service',
      'elsewhere',
      '-o',
      'jsonpath={.spec.externalName}',
    ]);
    expect(external.stdout).toBe('db.example.org');
    await skyctl('delete', 'service', 'peers', 'elsewhere');
  });

  it('keeps to the pods of its cluster while there are enough, and has others help when there are not', async () => {
    const options = ['--type', 'LoadBalancer', '--selector', 'app=web', '--ports', '8009', '8080', '--cluster', onprem];
    await skyctl('create', 'service', 'near', ...options, '--min-local', '1', '--ramp-seconds', '0');
    const usedOn = async (cluster: string): Promise<number> =>
      (await statusOf('near')).endpoints.filter((each) => each.used && each.cluster === cluster).length;
    await eventually('both clusters to be seen', async () => {
      expect(await statusOf('near')).toMatchObject({ phase: 'READY', total: 2 });
      expect([await usedOn(onprem), await usedOn(cloud)]).toEqual([1, 0]);
    });
    expect(await skyctl('describe', 'service', 'near')).toMatch(/pods of other clusters stand by/);
    const [host = ''] = (await statusOf('near')).externalIPs ?? [];
    const answers = new Set<string>();
    for (let i = 0; i < 20; i++) answers.add(await ask(host, 8009));
    expect(answers.size).toBe(1);
    await skyctl('delete', 'service', 'near');
  });

  it('says what is wrong with a service that is none, and makes nothing', async () => {
    const wrong = await skyflow.skyctl(['create', 'service', 'bad', '--type', 'Gateway', '--ports', '0', '80']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain(
      '--type "Gateway": must be ClusterIP, NodePort, LoadBalancer, ExternalName, headless',
    );
    expect(wrong.stderr).toContain('--ports "0": must be a whole number from 1 to 65535');
    const nowhere = await skyflow.skyctl(['create', 'service', 'bad', '--ports', '80', '80', '--cluster', 'nowhere']);
    expect(nowhere.stderr).toContain(
      `spec.cluster: there is no cluster "nowhere"; the clusters are: ${cloud}, ${onprem}`,
    );
    expect((await skyflow.skyctl(['get', 'service', 'bad'])).code).not.toBe(0);
  });

  it('does not take over a service that is there already', async () => {
    const made = await skyflow.kubectl(onprem, ['create', 'service', 'clusterip', 'theirs', '--tcp=80:80']);
    expect(made.code).toBe(0);
    await skyctl('create', 'service', 'theirs', '--selector', 'app=web', '--ports', '80', '8080', '--cluster', onprem);
    await eventually('the conflict', async () => {
      const table = await skyctl('get', 'service', 'theirs');
      expect(table).toContain('FAILED');
      expect(table).toContain('the cluster has a Service theirs that SkyFlow did not make');
    });
    await skyctl('delete', 'service', 'theirs');
    const still = await skyflow.kubectl(onprem, ['get', 'service', 'theirs', '-o', 'name']);
    expect(still.stdout.trim()).toBe('service/theirs');
  });

  it('is gone everywhere when it is deleted, and the local pods and slices of others stay', async () => {
    await skyctl('delete', 'service', 'my-web-service', 'anywhere');
    expect((await skyflow.skyctl(['get', 'service', 'my-web-service'])).code).not.toBe(0);
    for (const context of [cloud, onprem]) {
      const left = await skyflow.kubectl(context, [
        'get',
        'services,endpointslices',
        '-l',
        'skyflow.io/managed-by',
        '-o',
        'name',
      ]);
      expect(left.stdout.trim()).toBe('');
    }
    expect(await skyctl('get', 'deployment', 'web')).toContain('RUNNING');
  });
});
