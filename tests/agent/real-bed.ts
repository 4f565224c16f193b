/**
 * An agent as a process on a real control plane, with the rights of deploy/agent/rbac.yaml and no others, and a real nats-server.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { observationSubject, type Entry, type EntryData, type NodeObservation } from '@skyflow/contracts';
import { withNodeChanges, withObservation } from '@skyflow/domain';
import { JetStreamEventLog } from '@skyflow/event-log';
import { KubeClient, connectionOf, loadKubeConfig } from '@skyflow/kube-client';
import { startTestbed, type TestbedCluster } from '@skyflow/kube-testbed';
import { kubectlPath } from '@skyflow/kubectl';
import { startNatsFixture, type NatsFixture } from '@skyflow/nats-server/testing';
import { WorkWriter, startProgram, type TestAgent } from '../../apps/cluster-agent/src/testing/test-bed.spec.js';

const RBAC = resolve(import.meta.dirname, '../../deploy/agent/rbac.yaml');
const CLUSTER = 'real';
/** Of kubectl: metrics of an API server are megabytes. */
const LONGEST_OUTPUT = 64 << 20;

/** Labels are sorted: resource, scope, subresource, verb. */
const DEPLOYMENT_WRITES =
  /^apiserver_request_total\{.*resource="deployments",.*subresource="",verb="(?:APPLY|PATCH|POST|PUT|DELETE)",.*\} (\d+)$/gm;

export interface AgentOptions {
  /** Of its kubeconfig. Default: its ServiceAccount, with the token of `tokenFile`. */
  user?: object;
  /** Its kubeconfig has the authority in a file of its own. */
  authorityFile?: boolean;
  environment?: Record<string, string>;
}

export interface RealBed {
  /** Of its own, gone with it. */
  directory: string;
  cluster: TestbedCluster;
  /** With all rights. */
  client: KubeClient;
  work: WorkWriter;
  /** File that holds the agent's token; it is read again now and then. */
  tokenFile: string;
  nats: NatsFixture;
  /** To it; it comes back when the server does. */
  connection: NatsConnection;
  /** Starts the agent. */
  agent(options?: AgentOptions): Promise<TestAgent>;
  /** All kubeconfigs name the authority that the API server has now. */
  renewKubeconfigs(): Promise<void>;
  /** kubectl with all rights; gives what it printed. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** A new token of the agent's ServiceAccount; `more` goes to `kubectl create token`. */
  token(more?: readonly string[]): Promise<string>;
  /** A client with that user of a kubeconfig; close it. */
  clientOf(user: object): Promise<KubeClient>;
  observed(): Promise<Entry[]>;
  /** The nodes as they were told last. */
  nodes(): Promise<readonly NodeObservation[]>;
  /** The last report of a workload. */
  lastReport(name: string): Promise<EntryData<'WorkObserved'> | undefined>;
  wasRemoved(name: string): Promise<boolean>;
  /** Writes of Deployments that the API server has answered since it was started: by whom ever, but for those of status and scale. */
  deploymentWrites(): Promise<number>;
  stop(): Promise<void>;
}

/** @param clientAuthorities see TestbedOptions */
export async function startRealBed(clientAuthorities?: string): Promise<RealBed> {
  const directory = await mkdtemp(join(tmpdir(), 'skyflow-real-'));
  const [testbed, nats] = await Promise.all([
    startTestbed({
      clusters: [CLUSTER],
      directory: join(directory, 'testbed'),
      nodes: 2,
      ...(clientAuthorities === undefined ? {} : { clientAuthorities }),
    }),
    startNatsFixture(),
  ]);
  const [cluster] = testbed.clusters;
  if (cluster === undefined) throw new Error('the testbed has no cluster');
  const connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const log = await JetStreamEventLog.open({ connection });
  const client = cluster.plane.adminClient();
  const binary = await kubectlPath();
  const agents: TestAgent[] = [];

  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const all = ['--kubeconfig', testbed.kubeconfig, '--context', CLUSTER, ...args];
    const running = promisify(execFile)(binary, all, { maxBuffer: LONGEST_OUTPUT });
    // One that reads nothing may be gone before.
    running.child.stdin?.on('error', () => undefined).end(input ?? '');
    return (await running).stdout;
  };
  const token = async (more: readonly string[] = []): Promise<string> =>
    (await kubectl(['create', 'token', 'skyflow-agent', '-n', 'skyflow', ...more])).trim();
  await kubectl(['apply', '-f', RBAC]);
  const tokenFile = join(directory, 'token');
  await writeFile(tokenFile, await token(), { mode: 0o600 });
  const kubeconfigs: { path: string; user: object; authorityFile: boolean }[] = [];
  const writeKubeconfig = async ({ path, user, authorityFile }: (typeof kubeconfigs)[number]): Promise<void> => {
    const { url: server, authority } = cluster.plane.access;
    const file = `${path}.ca`;
    if (authorityFile) await replace(file, authority);
    const known = authorityFile
      ? { 'certificate-authority': file }
      : { 'certificate-authority-data': Buffer.from(authority).toString('base64') };
    const config = {
      'current-context': 'agent',
      clusters: [{ name: 'c', cluster: { server, ...known } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'agent', context: { cluster: 'c', user: 'u' } }],
    };
    await replace(path, JSON.stringify(config));
  };
  const kubeconfigOf = async (user: object, authorityFile = false): Promise<string> => {
    const path = join(directory, `${kubeconfigs.length}.kubeconfig`);
    const made = { path, user, authorityFile };
    kubeconfigs.push(made);
    await writeKubeconfig(made);
    return path;
  };
  const observed = async (): Promise<Entry[]> => {
    const entries: Entry[] = [];
    for await (const { commit } of log.read({ subjects: [observationSubject(CLUSTER)] }))
      entries.push(...commit.entries);
    return entries;
  };

  return {
    directory,
    cluster,
    client,
    work: new WorkWriter(log, CLUSTER),
    tokenFile,
    nats,
    connection,
    async agent({ user = { tokenFile }, authorityFile = false, environment = {} } = {}) {
      const agent = startProgram('apps/cluster-agent/dist/main.js', {
        SKYFLOW_CLUSTER: CLUSTER,
        SKYFLOW_CLUSTER_UID: 'uid-of-real',
        SKYFLOW_KUBECONFIG: await kubeconfigOf(user, authorityFile),
        SKYFLOW_NATS_URL: nats.url,
        SKYFLOW_STATE_DIR: join(directory, 'state'),
        // As the supervisor starts it.
        NODE_OPTIONS: '--max-semi-space-size=2',
        ...environment,
      });
      agents.push(agent);
      return agent;
    },
    async renewKubeconfigs() {
      testbed.writeKubeconfig();
      await Promise.all(kubeconfigs.map(writeKubeconfig));
    },
    kubectl,
    token,
    clientOf: async (user) =>
      new KubeClient(await connectionOf((await loadKubeConfig(await kubeconfigOf(user))).context())),
    observed,
    async nodes() {
      let known: Parameters<typeof withObservation>[0];
      for (const entry of await observed()) {
        if (entry.type === 'ClusterObserved') known = withObservation(known, entry.data);
        else if (entry.type === 'NodesObserved' && known !== undefined) {
          known = { ...known, nodes: withNodeChanges(known.nodes, entry.data) };
        }
      }
      return known?.nodes ?? [];
    },
    async lastReport(name) {
      const entry = (await observed()).findLast((each) => each.type === 'WorkObserved' && each.data.ref.name === name);
      return entry?.type === 'WorkObserved' ? entry.data : undefined;
    },
    async wasRemoved(name) {
      return (await observed()).some((each) => each.type === 'WorkRemoved' && each.data.ref.name === name);
    },
    async deploymentWrites() {
      const counts = (await kubectl(['get', '--raw', '/metrics'])).matchAll(DEPLOYMENT_WRITES);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.kill('SIGKILL')));
      client.close();
      await log.close();
      await connection.close();
      await nats.stop();
      await testbed.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Never half there: agents read it meanwhile. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
