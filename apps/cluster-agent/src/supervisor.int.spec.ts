import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeKubeApi } from '@skyflow/kube-client/testing';
import { startProgram, until, type TestAgent } from './testing/test-bed.spec.js';

/** The gateway is played by a small API: all that the supervisor needs of it is Kubernetes' conventions. */
const CLUSTERS = '/apis/skyflow.io/v1/clusters';

interface Readyz {
  agents: { cluster: string; state: string; pid?: number; restarts: number }[];
  kubeconfigErrors: Record<string, string>;
}

let gateway: FakeKubeApi;
let home: string;
let kubeconfig: string;
let supervisor: TestAgent;
let pids: Set<number>;

beforeEach(async () => {
  gateway = await new FakeKubeApi().start();
  home = await mkdtemp(join(tmpdir(), 'skyflow-supervisor-'));
  kubeconfig = join(home, 'kubeconfig');
  pids = new Set();
});
afterEach(async () => {
  await supervisor.kill('SIGTERM');
  expect({ exit: supervisor.process.exitCode, output: supervisor.output() }).toMatchObject({ exit: 0 });
  await until('every agent is gone', () => [...pids].every((pid) => !isAlive(pid)));
  await gateway.stop();
  await rm(home, { recursive: true, force: true });
});
afterAll(() => undefined);

function start(): TestAgent {
  return startProgram('apps/cluster-agent/dist/supervisor.js', {
    SKYFLOW_API_URL: gateway.url,
    SKYFLOW_TOKEN: 'secret-of-spec',
    SKYFLOW_KUBECONFIGS: JSON.stringify([{ path: kubeconfig }]),
    // Nobody listens there: the agents wait for it.
    SKYFLOW_NATS_URL: 'nats://127.0.0.1:1',
    SKYFLOW_HOME: home,
  });
}
const writeContexts = (...names: string[]) =>
  writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'u', user: {} }],
      contexts: names.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
    }),
  );
const cluster = (name: string) => gateway.find(`${CLUSTERS}/${name}`);
const creations = () => gateway.requests.filter((request) => request.startsWith('POST')).length;

async function readyz(): Promise<Readyz | undefined> {
  const port = /"healthPort":(\d+)/.exec(supervisor.output())?.[1];
  if (port === undefined) return undefined;
  const body = (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as Partial<Readyz>;
  for (const { pid } of body.agents ?? []) if (pid !== undefined) pids.add(pid);
  return body.agents === undefined ? undefined : (body as Readyz);
}
const running = (...names: string[]) =>
  until(`agents run for ${names.join(', ')}`, async () => {
    const agents = (await readyz())?.agents ?? [];
    const all = agents.every(({ state, pid }) => state === 'running' && pid !== undefined && isAlive(pid));
    return all &&
      agents
        .map((agent) => agent.cluster)
        .sort()
        .join() === names.join()
      ? agents
      : undefined;
  });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the supervisor', () => {
  it('registers each context once, runs one agent for each Cluster, and follows the kubeconfig', async () => {
    await writeContexts('onprem', 'GKE_Cloud');
    supervisor = start();
    await running('gke-cloud', 'onprem');
    expect(cluster('gke-cloud')).toMatchObject({ spec: { manager: 'k8', context: 'GKE_Cloud', kubeconfig } });
    await writeContexts('onprem', 'GKE_Cloud', 'late');
    await running('gke-cloud', 'late', 'onprem');
    expect(creations()).toBe(3);
    expect(supervisor.output()).not.toContain('secret-of-spec');
  });

  it('does not bring back a Cluster that the user deleted, until its context is removed and added', async () => {
    await writeContexts('one', 'two');
    supervisor = start();
    const agents = await running('one', 'two');
    gateway.remove(`${CLUSTERS}/two`);
    await running('one');
    const gone = agents.find((agent) => agent.cluster === 'two')!.pid!;
    await until('its agent is gone', () => !isAlive(gone));
    await supervisor.kill('SIGTERM');
    supervisor = start();
    await running('one');
    await writeContexts('one');
    await until(
      'the removal is remembered',
      async () => !(await readFile(join(home, 'agents', 'supervisor.json'), 'utf8')).includes('two'),
    );
    expect(cluster('two')).toBeUndefined();
    await writeContexts('one', 'two');
    await running('one', 'two');
  });

  it('keeps going with a kubeconfig that is broken, empty or gone for a while', async () => {
    await writeContexts('steady');
    supervisor = start();
    const [agent] = await running('steady');
    const told = (what: string) =>
      until(`"${what}" is told`, async () => (await readyz())?.kubeconfigErrors[kubeconfig]?.includes(what));
    await writeFile(kubeconfig, 'contexts: [');
    await told('is not YAML');
    await writeFile(kubeconfig, '');
    await told('is empty');
    await rm(kubeconfig);
    await told('ENOENT');
    await writeContexts('steady', 'new');
    const agents = await running('new', 'steady');
    expect(agents.find(({ cluster: name }) => name === 'steady')?.pid).toBe(agent!.pid);
    expect(creations()).toBe(2);
    expect(supervisor.output().match(/is not used as it is now/g)).toHaveLength(3);
  });

  it('starts an agent again that crashed', async () => {
    await writeContexts('fragile');
    supervisor = start();
    const [agent] = await running('fragile');
    process.kill(agent!.pid!, 'SIGKILL');
    const again = await until('another agent runs', async () =>
      (await readyz())?.agents.find(({ pid, state }) => state === 'running' && pid !== agent!.pid),
    );
    expect(again.restarts).toBe(1);
  });

  it('takes its agents with it when it is killed, and runs them without the gateway when it is back', async () => {
    await writeContexts('survivor');
    supervisor = start();
    const [agent] = await running('survivor');
    await supervisor.kill('SIGKILL');
    await until('the agent notices', () => !isAlive(agent!.pid!));
    await gateway.stop();
    supervisor = start();
    await running('survivor');
    await until('the outage is told', () => supervisor.output().includes('agents run on'));
    await gateway.start();
    await until('the gateway is back', () => supervisor.output().includes('the gateway answers'));
    await running('survivor');
    expect(creations()).toBe(1);
  });

  it('gives a context another name when its own is taken', async () => {
    gateway.put(CLUSTERS, {
      metadata: { name: 'taken' },
      spec: { manager: 'k8', context: 'other', kubeconfig: '/elsewhere' },
    });
    await writeContexts('taken');
    supervisor = start();
    await until('it is registered', () => creations() === 2);
    const agents = await until('both run', async () => {
      const found = (await readyz())?.agents ?? [];
      return found.length === 2 ? found : undefined;
    });
    expect(agents.map((agent) => agent.cluster).sort()).toEqual([
      'taken',
      expect.stringMatching(/^taken-[0-9a-f]{8}$/),
    ]);
  });
});
