/**
 * What RKE prints, read: stages from its prefixes, failures from its words. RKE has one exit code for everything, so its text is all there
 * is. Every row of the table has a test.
 */
import type { DriverCommand, FailureClass, ProvisionFailure } from '@skyflow/contracts';

export interface RkeLine {
  level: string;
  message: string;
}

const LOGFMT = /^time="[^"]*" level=(\w+) msg=(".*"|\S+)/;
const TERMINAL = /^(DEBU|INFO|WARN|ERRO|FATA)\[\d+\] ?(.*)$/;
const LEVELS: Record<string, string> = { DEBU: 'debug', INFO: 'info', WARN: 'warning', ERRO: 'error', FATA: 'fatal' };

/** A line in either of logrus' forms; any other text is information. */
export function readRkeLine(text: string): RkeLine {
  const logfmt = LOGFMT.exec(text);
  if (logfmt !== null) return { level: logfmt[1] ?? 'info', message: unquoted(logfmt[2] ?? '') };
  const terminal = TERMINAL.exec(text);
  if (terminal !== null) return { level: LEVELS[terminal[1] ?? ''] ?? 'info', message: terminal[2] ?? '' };
  return { level: 'info', message: text };
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

const STAGES: ReadonlySet<string> = new Set([
  ...['dialer', 'state', 'network', 'certificates', 'reconcile', 'hosts', 'etcd', 'controlplane', 'authz', 'worker'],
  ...['sync', 'addons', 'dns', 'ingress', 'healthcheck', 'remove', 'selinux', 'restart'],
]);

/** `[etcd] Building up etcd plane..` is in stage etcd. Undefined: the line says nothing of it. */
export function stageOf({ message }: RkeLine): string | undefined {
  const stage = /^\[([A-Za-z]+)[\]/]/.exec(message)?.[1]?.toLowerCase();
  return stage !== undefined && STAGES.has(stage) ? stage : undefined;
}

interface Row {
  match: RegExp;
  class: FailureClass;
  /** `$1` is what the pattern found. */
  message: string;
  advice: string;
}

/** The first that matches counts; dangers come first. */
export const RKE_FAILURES: readonly Row[] = [
  {
    match: /Etcd plane nodes are replaced\. Stopping provisioning/,
    class: 'dangerous',
    message: 'every etcd node would be replaced: RKE stopped before the data of the cluster were lost',
    advice:
      'put the old hosts back into spec.provision.hosts, or restore a snapshot; SkyFlow touches nothing until then',
  },
  {
    match: /tls: bad certificate|x509: certificate signed by unknown authority/,
    class: 'dangerous',
    message: 'the hosts run with another certificate authority than the one that is kept',
    advice:
      'were the hosts set up again by something else? SkyFlow keeps the sealed state and touches nothing until the cluster is deleted',
  },
  {
    match: /Certificates are not present in cluster state, recover rkestate file/,
    class: 'stateMissing',
    message: 'the state file of RKE had no certificates',
    advice: 'the sealed copy is used; if this comes back, delete the cluster and build it again',
  },
  {
    match: /\[controlPlane\] Failed to upgrade Control Plane: (.*)/i,
    class: 'stuckUpgrade',
    message: 'RKE took the way of an upgrade on a cluster that was never finished: $1',
    advice:
      'it is run again as a first installation with the same certificates; look at kubelet on the hosts if it comes back',
  },
  {
    match: /Failed to set up SSH tunneling for host \[([^\]]+)\]/,
    class: 'host',
    message: 'host $1 cannot be reached over SSH',
    advice: 'check that sshd runs there, lets TCP and sockets be forwarded, and that the user may use Docker',
  },
  {
    match: /Provisioning incomplete, host\(s\) \[([^\]]+)\] skipped because they could not be contacted/,
    class: 'host',
    message: 'the cluster is up without $1, which could not be reached',
    advice: 'bring these hosts back; it is run again until they are part of the cluster',
  },
  {
    match:
      /Cluster must have at least one etcd plane host: failed to connect to the following etcd host\(s\) \[([^\]]*)\]/,
    class: 'host',
    message: 'no etcd host can be reached: $1',
    advice: 'check SSH and Docker on these hosts; nothing was changed on them',
  },
  {
    match: /Unsupported Docker version found \[([^\]]+)\]( on host \[[^\]]+\])?/,
    class: 'docker',
    message: 'Docker $1$2 is not supported by this version of RKE',
    advice: 'install a version of Docker that RKE supports on the host',
  },
  {
    match: /\[network\] Host \[([^\]]+)\] is not able to connect to the following ports: \[([^\]]*)\]/,
    class: 'network',
    message: 'host $1 cannot connect to $2',
    advice: 'open these ports between the hosts: firewall, security group',
  },
  {
    match: /Failed to get job complete status for job ([\w-]+)/,
    class: 'addon',
    message: 'the job $1 was not done in time',
    advice: 'pods of kube-system say why; slow image pulls are the usual reason',
  },
  {
    match: /Failed to verify healthcheck: (.*)/,
    class: 'healthcheck',
    message: 'a component did not become healthy: $1',
    advice: 'look at its container on the host: docker logs NAME',
  },
  {
    match: /Etcd Cluster is not healthy|\[etcd\] etcd cluster is not healthy/i,
    class: 'healthcheck',
    message: 'etcd is not healthy',
    advice: 'look at docker logs etcd on the etcd hosts; clocks and disks are the usual reasons',
  },
  {
    match: /\[etcd\] Failed to take snapshot on all etcd hosts: (.*)/,
    class: 'healthcheck',
    message: 'no etcd host could take the snapshot: $1',
    advice: 'look at docker logs etcd-snapshot-once on the etcd hosts; full disks are the usual reason',
  },
  {
    match: /\[etcd\] Failed to restore etcd snapshot: (.*)/,
    class: 'unknown',
    message: 'the snapshot could not be restored: $1',
    advice: 'the cluster may be down: ask for the restore again, of this or an older snapshot',
  },
  {
    match: /failed to start backup server on all etcd nodes: (.*)/,
    class: 'config',
    message: 'no etcd host has the snapshot: $1',
    advice: 'look into /opt/rke/etcd-snapshots on the etcd hosts; etcd was started again as it was',
  },
  {
    match: /Failed to rotate certificates: (.*)/,
    class: 'unknown',
    message: 'certificates could not be issued anew: $1',
    advice: 'the old ones are in use as before; look at the build log: skyctl logs cluster NAME',
  },
  {
    match: /Can't (?:retrieve|find) Docker|Cannot connect to the Docker daemon|permission denied .*docker\.sock/i,
    class: 'docker',
    message: 'Docker does not answer on a host',
    advice: 'start Docker there and put the user into the group docker',
  },
  {
    match:
      /failed to find Kubernetes version|is not a supported Kubernetes version|Kubernetes version .* not (?:found|supported)|no release available for/i,
    class: 'config',
    message: 'this rke does not know the Kubernetes version that is asked for',
    advice: 'choose one of rke config --list-version --all',
  },
  {
    match: /Failed to (?:parse|validate) (?:the )?cluster(?: file)?: (.*)/i,
    class: 'config',
    message: 'RKE refuses the configuration: $1',
    advice: 'change spec.provision',
  },
];

/** User add-ons may fail while the cluster is well, and a snapshot be missing on some hosts: RKE warns and exits with 0. */
const WARNINGS = [
  /Failed to deploy addon execute job \[([^\]]+)\]/,
  /\[etcd\] Failed to take snapshot on \S+ etcd hosts/,
];

/** The failure that a line tells of; undefined: none. */
export function failureIn({ message }: RkeLine): ProvisionFailure | undefined {
  for (const { match, class: cause, message: words, advice } of RKE_FAILURES) {
    const found = match.exec(message);
    if (found === null) continue;
    const text = words.replaceAll(/\$(\d)/g, (_all, number: string) => found[Number(number)] ?? '');
    return { class: cause, message: text, line: message, advice };
  }
  return undefined;
}

/** The failure that a run which ended badly is to be known by: its last word if that says something, else the last thing that went wrong. */
export function failureOfRun(lines: readonly RkeLine[]): ProvisionFailure {
  const told = lines.filter(({ level }) => level !== 'info' && level !== 'debug');
  for (const line of told.toReversed()) {
    const failure = failureIn(line);
    if (failure !== undefined) return failure;
  }
  const last = told.at(-1) ?? lines.at(-1);
  return {
    class: 'unknown',
    message: last === undefined ? 'rke ended without a word' : `rke failed: ${last.message}`,
    ...(last === undefined ? {} : { line: last.message }),
    advice: 'look at the build log: skyctl logs cluster NAME',
  };
}

/** Hosts that a run passed over. */
export function skippedHosts(lines: readonly RkeLine[]): string[] {
  const incomplete = /Provisioning incomplete, host\(s\) \[([^\]]+)\]/;
  for (const { message } of lines) {
    const found = incomplete.exec(message)?.[1];
    if (found !== undefined) return found.split(/[\s,]+/).filter((host) => host !== '');
  }
  return [];
}

export const warningsIn = (lines: readonly RkeLine[]): string[] =>
  lines.filter(({ message }) => WARNINGS.some((pattern) => pattern.test(message))).map(({ message }) => message);

/** What it says when it has come to its good end; after new certificates it says no more than that workers run again. */
const DONE: Readonly<Record<DriverCommand, RegExp>> = {
  up: /Finished building Kubernetes cluster successfully/,
  remove: /Cluster removed successfully/,
  rotateCertificates: /\[worker\] Successfully restarted Worker Plane/,
  snapshot: /Finished saving\/uploading snapshot \[/,
  restore: /Finished restoring snapshot \[/,
};

export const isDone = (command: DriverCommand, lines: readonly RkeLine[]): boolean =>
  lines.some(({ message }) => DONE[command].test(message));

/** RKE prints no keys; should it ever, they are not kept. */
export const withoutKeys = (line: string): string =>
  line.replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gs, '[private key]');
