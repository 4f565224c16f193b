/** What somebody must see to, from how the services and clusters are. */
import type { Cluster } from '@skyflow/contracts';

/** What `/status` answers. */
export interface SystemStatus {
  version: string;
  ready: boolean;
  objects: number;
  foldedSeq: number;
  /** Absent: the log does not answer. */
  logHead?: number;
  services: {
    name: string;
    instance: string;
    status: string;
    ready: boolean;
    active?: boolean;
    message: string;
    version: string;
    foldedSeq?: number;
    lastHeartbeatTime: string;
  }[];
  clusters: {
    cluster: string;
    instance: string;
    reachable: boolean;
    message?: string;
    lastHeartbeatTime: string;
    workSeq: number;
  }[];
}

export interface Alert {
  about: string;
  message: string;
}

/** Commits that a service may be behind without anybody looking. */
const LAG = 1_000;
/** Clusters that nobody has to see to: well, or on their way there. */
const UNDER_WAY: ReadonlySet<string> = new Set(['READY', 'INIT', 'PROVISIONING', 'STOPPING', 'STOPPED']);
const NEEDED = ['scheduler', 'mesh-controller', 'provisioner'];

export function alertsOf(status: SystemStatus, clusters: readonly Cluster[]): Alert[] {
  const { logHead, services } = status;
  const versions = new Set(services.map(({ version }) => version));
  return [
    ...(logHead === undefined ? [{ about: 'log', message: 'it does not answer: nothing can be written' }] : []),
    ...services
      .filter(({ ready }) => !ready)
      .map(({ name, instance, message }) => ({ about: `${name} ${instance}`, message: message || 'not ready' })),
    ...NEEDED.filter((name) => !services.some((service) => service.name === name && service.active !== false)).map(
      (name) => ({ about: name, message: 'no active one is heard' }),
    ),
    ...services
      .filter(({ foldedSeq }) => logHead !== undefined && foldedSeq !== undefined && logHead - foldedSeq > LAG)
      .map(({ name, foldedSeq = 0 }) => ({
        about: `${name} lags`,
        message: `${(logHead ?? 0) - foldedSeq} commits behind the log`,
      })),
    ...(versions.size > 1 ? [{ about: 'versions', message: `several at once: ${[...versions].join(', ')}` }] : []),
    ...clusters
      .filter(({ status: own }) => own !== undefined && !UNDER_WAY.has(own.phase))
      .map(({ metadata, status: own }) => ({
        about: `cluster ${metadata.name}`,
        message: `${own?.phase ?? ''}: ${own?.message ?? ''}`,
      })),
  ];
}
