/** What kubectl prints of pods and other kinds, computed as the API server's printers do (pkg/printers/internalversion). */
import type { KubeObject } from '@skyflow/contracts';
import { conditionOf, isDeleting, millis } from '../model/object-facts.js';
import type { ContainerStatus, Node, Pod } from '../model/pod.js';
import type { Job, LabelSelector, PodTemplate, Service } from '../model/workloads.js';

export const podReady = (pod: Pod): string => {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const names = new Set([...pod.spec.containers, ...sidecars].map(({ name }) => name));
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const ready = statuses.filter(
    (status) => names.has(status.name) && status.ready && status.state.running !== undefined,
  );
  return `${ready.length}/${names.size}`;
};

export const podRestarts = (pod: Pod, nowMs: number): string => {
  const statuses = pod.status?.containerStatuses ?? [];
  const count = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  const last = Math.max(0, ...statuses.map(({ lastState }) => millis(lastState.terminated?.finishedAt)));
  return count === 0 || last === 0 ? String(count) : `${count} (${duration(nowMs - last)} ago)`;
};

export function podStatusText(pod: Pod): string {
  const { status } = pod;
  const gated = conditionOf(status?.conditions, 'PodScheduled')?.reason === 'SchedulingGated';
  let reason = gated ? 'SchedulingGated' : (status?.reason ?? status?.phase ?? 'Pending');
  const init = initText(pod);
  if (init !== undefined) reason = init;
  else {
    for (const container of [...(status?.containerStatuses ?? [])].reverse())
      reason = containerText(container) ?? reason;
    const ready = conditionOf(status?.conditions, 'Ready')?.status === 'True';
    const running = status?.containerStatuses?.some((each) => each.ready && each.state.running !== undefined) === true;
    if (reason === 'Completed' && running) reason = ready ? 'Running' : 'NotReady';
  }
  if (!isDeleting(pod)) return reason;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? reason : 'Terminating';
}

function containerText({ state }: ContainerStatus): string | undefined {
  if (state.waiting !== undefined && state.waiting.reason !== '') return state.waiting.reason;
  const { terminated } = state;
  if (terminated === undefined) return undefined;
  if (terminated.reason !== '') return terminated.reason;
  return terminated.signal === undefined ? `ExitCode:${terminated.exitCode}` : `Signal:${terminated.signal}`;
}

function initText(pod: Pod): string | undefined {
  const specs = pod.spec.initContainers ?? [];
  for (const [at, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    if (status.state.terminated?.exitCode === 0) continue;
    if (specs[at]?.restartPolicy === 'Always' && status.started === true) continue;
    if (status.state.terminated !== undefined) return `Init:${containerText(status) ?? 'Error'}`;
    const waiting = status.state.waiting?.reason;
    if (waiting !== undefined && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${at}/${specs.length}`;
  }
  return undefined;
}

export function nodeStatusText(node: Node): string {
  const ready = conditionOf(node.status?.conditions, 'Ready')?.status;
  const text = ready === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
  return node.spec.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

export function nodeRoles(node: Node): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(node.metadata.labels ?? {})
    .filter((label) => label.startsWith(prefix))
    .map((label) => label.slice(prefix.length))
    .sort();
  return roles.length === 0 ? '<none>' : roles.join(',');
}

export const nodeAddress = (node: Node, type: string): string =>
  node.status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';

export function jobStatusText(job: Job): string {
  for (const type of ['Complete', 'Failed', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet']) {
    if (conditionOf(job.status?.conditions, type)?.status === 'True') return type;
  }
  return isDeleting(job) ? 'Terminating' : 'Running';
}

export function jobCompletions(job: Job): string {
  const succeeded = job.status?.succeeded ?? 0;
  if (job.spec.completions !== undefined) return `${succeeded}/${job.spec.completions}`;
  const parallelism = job.spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

export function jobDuration(job: Job, nowMs: number): string {
  if (job.status?.startTime === undefined) return '';
  const failed = conditionOf(job.status.conditions, 'Failed');
  const end = millis(job.status.completionTime) || millis(failed?.lastTransitionTime) || nowMs;
  return duration(end - millis(job.status.startTime));
}

export function externalIp(service: Service): string {
  if (service.spec.type === 'ExternalName') return service.spec.externalName ?? '<none>';
  const status = service['status'] as { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } } | undefined;
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0) return ingress.map(({ ip, hostname }) => ip ?? hostname ?? '').join(',');
  return service.spec.type === 'LoadBalancer' ? '<pending>' : '<none>';
}

export const servicePorts = (service: Service): string => {
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) return '<none>';
  return ports
    .map(
      ({ port, nodePort, protocol }) => `${port}${nodePort === undefined ? '' : `:${nodePort}`}/${protocol ?? 'TCP'}`,
    )
    .join(',');
};

export const endpointsText = (endpoints: KubeObject): string => {
  const subsets = (endpoints['subsets'] ?? []) as { addresses?: { ip: string }[]; ports?: { port: number }[] }[];
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  return listed(all);
};

export const sliceEndpoints = (slice: KubeObject): string => {
  const endpoints = (slice['endpoints'] ?? []) as { addresses?: string[] }[];
  const all = endpoints.flatMap(({ addresses = [] }) => addresses);
  return all.length === 0 ? '<unset>' : listed(all);
};

export const slicePorts = (slice: KubeObject): string => {
  const ports = (slice['ports'] ?? []) as { port?: number }[];
  return ports.length === 0 ? '<unset>' : listed(ports.map(({ port }) => String(port ?? '*')));
};

function listed(items: string[]): string {
  if (items.length === 0) return '<none>';
  return items.length <= 3 ? items.join(',') : `${items.slice(0, 3).join(',')} + ${items.length - 3} more...`;
}

export const containerNames = (template: PodTemplate): string =>
  template.spec.containers.map(({ name }) => name).join(',');

export const containerImages = (template: PodTemplate): string =>
  template.spec.containers.map(({ image }) => image ?? '').join(',');

export function selectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'In':
        return `${key} in (${values.join(',')})`;
      case 'NotIn':
        return `${key} notin (${values.join(',')})`;
      case 'Exists':
        return key;
      default:
        return `!${key}`;
    }
  });
  const all = [...labels, ...expressions].sort();
  return all.length === 0 ? '<none>' : all.join(',');
}

export const labelsText = (labels: Record<string, string> | undefined): string =>
  selectorText(labels === undefined ? undefined : { matchLabels: labels });

/** apimachinery duration.HumanDuration. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 0) return seconds < -1 ? '<invalid>' : '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return days % 365 === 0 || years >= 8 ? `${years}y` : `${years}y${days % 365}d`;
}
