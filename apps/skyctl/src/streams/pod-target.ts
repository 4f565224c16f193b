/**
 * The pod and container that a command line means: `pod/web-1.onprem` or `web-1.onprem` by name; `hello`, `job/hello` or
 * `deployment/web` one of its running pods, the first by cluster and name.
 */
import { CliError, usageError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import type { GatewayClient } from '../gateway/gateway-client.js';
import { DEPLOYMENT, JOB, objectPath, type ResourceKind } from '../gateway/kinds.js';
import { singleTarget } from '../gateway/targets.js';
import type { Session } from '../session.js';

export interface PodTarget {
  namespace: string;
  /** `<pod>.<cluster>` */
  name: string;
  spec: PodSpec;
}

interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
}

interface Container {
  name: string;
  stdin?: boolean;
  tty?: boolean;
  ports?: { name?: string; containerPort: number }[];
}

interface Pod {
  metadata: { name: string; annotations?: Record<string, string> };
  spec?: PodSpec;
  status?: { phase?: string; containerStatuses?: { ready?: boolean }[] };
}

interface PodsReply {
  clusters: { cluster: string; pods: Pod[]; error?: string }[];
}

/** @throws CliError when there is no such pod or workload, or none of its pods runs */
export async function podTarget(session: Session, word: string): Promise<PodTarget> {
  const gateway = await session.gateway();
  const namespace = await session.namespace();
  const podName = podNameOf(word);
  if (podName !== undefined) return namedPod(gateway, namespace, podName);
  const bare = !word.includes('/');
  const { kind, name } = await singleTarget([word], gateway, JOB);
  const cluster = session.flags.text('cluster');
  try {
    return await runningPod(session, gateway, kind, namespace, name, cluster);
  } catch (error) {
    if (!bare || !(error instanceof CliError) || error.code !== EXIT.notFound) throw error;
    return await runningPod(session, gateway, DEPLOYMENT, namespace, name, cluster).catch((second: unknown) => {
      throw second instanceof CliError && second.code === EXIT.notFound ? error : second;
    });
  }
}

/** The one asked for, or the first; which one it is is said if there are several. @throws CliError naming the choices */
export function containerOf(session: Session, { name, spec }: PodTarget): Container {
  const { containers = [], initContainers = [] } = spec;
  const asked = session.flags.text('container');
  const all = [...containers, ...initContainers];
  if (asked !== undefined) {
    const found = all.find((container) => container.name === asked);
    if (found !== undefined) return found;
    const choices = all.map((container) => container.name).join(', ');
    throw usageError(`container ${asked} is not in pod ${name}`, `choose one of: ${choices}`);
  }
  const [first, ...others] = containers;
  if (first === undefined) throw new CliError({ code: EXIT.failure, summary: `pod ${name} has no containers` });
  if (others.length > 0) {
    session.remark(`container ${first.name} of: ${containers.map((each) => each.name).join(', ')} (choose with -c)`);
  }
  return first;
}

/** Names of jobs and deployments have no dots; those of pods end with their cluster. */
function podNameOf(word: string): string | undefined {
  const named = /^(?:pods?|po)\/(.+)$/i.exec(word)?.[1];
  if (named !== undefined) return named;
  return !word.includes('/') && word.includes('.') ? word : undefined;
}

async function namedPod(gateway: GatewayClient, namespace: string, name: string): Promise<PodTarget> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;
  const { body } = await gateway.json<Pod>({ path });
  return { namespace, name, spec: body.spec ?? {} };
}

async function runningPod(
  session: Session,
  gateway: GatewayClient,
  kind: ResourceKind,
  namespace: string,
  name: string,
  cluster: string | undefined,
): Promise<PodTarget> {
  const { body } = await gateway.json<PodsReply>({ path: `${objectPath(kind, namespace, name)}/pods` });
  const asked = body.clusters.filter((each) => cluster === undefined || each.cluster === cluster);
  const pods = asked
    .flatMap(({ cluster: of, pods: list }) => list.map((pod) => ({ pod, name: `${pod.metadata.name}.${of}` })))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const running = pods.filter(({ pod }) => pod.status?.phase === 'Running');
  const ready = running.filter(({ pod }) => (pod.status?.containerStatuses ?? []).every((each) => each.ready === true));
  const task = session.flags.text('task');
  if (task !== undefined) return taskOf(running, task, namespace);
  const chosen = ready[0] ?? running[0];
  if (chosen === undefined) throw nothingRuns(`${kind.singular}/${name}`, cluster, body, pods);
  if (running.length > 1)
    session.remark(`pod ${chosen.name}, one of ${running.length} (choose with --cluster or pod/NAME)`);
  return { namespace, name: chosen.name, spec: chosen.pod.spec ?? {} };
}

/** @throws CliError naming the choices */
function taskOf(running: readonly { pod: Pod; name: string }[], task: string, namespace: string): PodTarget {
  const found = running.find(({ pod, name }) => name === task || pod.metadata.name === task);
  if (found !== undefined) return { namespace, name: found.name, spec: found.pod.spec ?? {} };
  throw new CliError({
    code: EXIT.notFound,
    summary: `it has no running pod "${task}"`,
    hint: `it has: ${running.map(({ name }) => name).join(', ') || 'none that runs'}`,
  });
}

function nothingRuns(
  what: string,
  cluster: string | undefined,
  { clusters }: PodsReply,
  pods: readonly { pod: Pod; name: string }[],
): CliError {
  const there = clusters.map((each) => each.cluster);
  if (cluster !== undefined && !there.includes(cluster)) {
    const summary = `${what} has no pods in cluster ${cluster}`;
    return new CliError({
      code: EXIT.notFound,
      summary,
      hint: `it has a share in: ${there.join(', ') || 'no cluster yet'}`,
    });
  }
  const errors = clusters.flatMap(({ error }) => (error === undefined ? [] : [error]));
  return new CliError({
    code: errors.length > 0 ? EXIT.unavailable : EXIT.failure,
    summary: `no pod of ${what} runs`,
    causes: [...errors, ...pods.map(({ pod, name }) => `${name}: ${pod.status?.phase ?? 'Unknown'}`)],
    hint: 'skyctl describe shows why',
  });
}
