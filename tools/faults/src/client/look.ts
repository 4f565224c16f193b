/** What there is: by each gateway, on each cluster, in the log. @throws Error while somebody does not answer */
import { STREAM } from '@skyflow/contracts';
import { runKubectl } from '@skyflow/kubectl';
import type { ListedJob, NativeWorkload, Outcome, Replica } from '../check/history.js';
import { CLUSTERS, type NatsNode, type System } from '../system/system.js';
import { JOBS, ask } from './http.js';

interface JobObject {
  metadata: { name: string; uid: string };
  spec: { replicas: number };
  status?: { phase?: string; clusters?: { cluster: string; replicas: number }[] };
}

interface Native {
  metadata: { labels?: Record<string, string> };
  spec: { replicas?: number; completions?: number };
}

interface LogLine {
  commit: {
    entries: { type: string; data: { object?: { kind?: string; metadata: { name: string; uid: string } } } }[];
  };
}

const UID_LABEL = 'skyflow.io/workload-uid';
const PATIENCE_MS = 60_000;
const MONITOR_MS = 5_000;

export async function look(system: System): Promise<Outcome> {
  const listed = new Map<string, ListedJob[]>();
  for (const gateway of system.gateways) {
    const { code, body } = await ask(system, gateway, JOBS);
    if (code !== 200) throw new Error(`${gateway.name} answers ${code}`);
    listed.set(gateway.name, (body as { items: JobObject[] }).items.map(jobOf));
  }
  return {
    listed,
    natives: await nativesOf(system),
    createdInLog: await createdInLog(system),
    replicas: await Promise.all(system.nodes.map(replicaOf)),
  };
}

interface Streams {
  account_details?: {
    stream_detail?: { name: string; state: { messages: number; last_seq: number; bytes: number } }[];
  }[];
}

/** https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#jetstream-information-jsz */
async function replicaOf({ process: { spec }, monitor }: NatsNode): Promise<Replica> {
  const asked = fetch(`http://${monitor}/jsz?streams=true`, { signal: AbortSignal.timeout(MONITOR_MS) });
  const response = await asked.catch((error: unknown) => {
    throw new Error(`${spec.name} does not say what it holds; the end of its log says why it is not there`, {
      cause: error,
    });
  });
  const { account_details: accounts = [] } = (await response.json()) as Streams;
  const stream = accounts.flatMap(({ stream_detail: streams = [] }) => streams).find(({ name }) => name === STREAM);
  if (stream === undefined) throw new Error(`${spec.name} has no stream ${STREAM}`);
  const { messages, last_seq: lastSequence, bytes } = stream.state;
  return { node: spec.name, messages, lastSequence, bytes };
}

const jobOf = ({ metadata: { name, uid }, spec: { replicas }, status }: JobObject): ListedJob => ({
  name,
  uid,
  replicas,
  phase: status?.phase ?? '',
  placed: Object.fromEntries((status?.clusters ?? []).map(({ cluster, replicas: placed }) => [cluster, placed])),
});

async function nativesOf(system: System): Promise<NativeWorkload[]> {
  const natives: NativeWorkload[] = [];
  for (const cluster of CLUSTERS) {
    const args = ['--context', cluster, 'get', 'deployments,jobs', '-A', '-o', 'json'];
    const { code, stdout, stderr } = await runKubectl(args, { kubeconfig: system.kubeconfig });
    if (code !== 0) throw new Error(`${cluster}: ${stderr}`);
    for (const { metadata, spec } of (JSON.parse(stdout) as { items: Native[] }).items) {
      const uid = metadata.labels?.[UID_LABEL];
      if (uid !== undefined) natives.push({ cluster, uid, size: spec.completions ?? spec.replicas ?? 0 });
    }
  }
  return natives;
}

/** The whole log, a commit a line. */
export async function logText(system: System): Promise<string> {
  const [gateway] = system.gateways;
  if (gateway === undefined) throw new Error('there is no gateway');
  const { code, body } = await ask(system, gateway, '/log', { patienceMs: PATIENCE_MS });
  if (code !== 200 || typeof body !== 'string') throw new Error(`the log: ${code} ${JSON.stringify(body)}`);
  return body;
}

async function createdInLog(system: System): Promise<Map<string, string[]>> {
  const created = new Map<string, string[]>();
  for (const line of (await logText(system)).trimEnd().split('\n')) {
    for (const { type, data } of (JSON.parse(line) as LogLine).commit.entries) {
      if (type !== 'ObjectCreated' || data.object?.kind !== 'Job') continue;
      const { name, uid } = data.object.metadata;
      created.set(name, [...(created.get(name) ?? []), uid]);
    }
  }
  return created;
}
