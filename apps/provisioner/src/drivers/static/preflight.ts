/**
 * Whether a host can become a node, looked at over SSH without changing anything: Docker through a forwarded socket
 * (exactly as RKE will use it), or whether the user may become root where the driver needs that (k3s, RKE2); kernel, swap, clock, disk, ports that must be free.
 */
import type { NodeRole } from '@skyflow/contracts';
import { ProvisionError } from '../../provision-error.js';
import type { SshSession } from './ssh-session.js';

const DOCKER_SOCKET = '/var/run/docker.sock';
const DOCKER_WITHIN_MS = 10_000;
const MOST_SKEW_S = 30;
const LEAST_DISK_KIB = 10 * 1024 ** 2;

/** Ports that a node of a role listens on. */
const PORTS: Record<NodeRole, readonly number[]> = {
  controlplane: [6443],
  etcd: [2379, 2380],
  worker: [],
};
const EVERY_NODE = [10_250];

/** Prints `name=value` lines; every part of it works for any user with a POSIX shell. */
const SCRIPT = [
  'echo "kernel=$(uname -sr)"',
  'echo "swaps=$(tail -n +2 /proc/swaps 2>/dev/null | wc -l)"',
  'echo "clock=$(date +%s)"',
  'echo "disk=$(df -Pk /var/lib 2>/dev/null | awk \'NR==2 {print $4}\')"',
  'echo "cpus=$(getconf _NPROCESSORS_ONLN)"',
  'echo "memoryKiB=$(awk \'/^MemTotal/ {print $2}\' /proc/meminfo 2>/dev/null)"',
  // Field 4 is the state, 0A is listening; the port is hexadecimal after the colon.
  'echo "listening=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk \'$4 == "0A" {n = split($2, a, ":"); print a[n]}\' | sort -u | tr "\\n" ",")"',
].join('\n');

/** Empty: the user is root, or may become it without a password. */
const ROOT_SCRIPT = 'if [ "$(id -u)" != 0 ]; then sudo -n true; fi';

export interface PreflightOptions {
  roles: readonly NodeRole[];
  /** What the user works through: RKE only through Docker; k3s and RKE2 bring their own runtime, and are installed by root. */
  needsDocker: boolean;
  dockerSocket?: string;
  /** The provisioner's clock, ms. */
  nowMs: () => number;
}

/** Facts for people. @throws ProvisionError naming the first thing that is in the way. */
export async function preflight(session: SshSession, options: PreflightOptions): Promise<Record<string, string>> {
  const askedMs = options.nowMs();
  const { code, output } = await session.run(SCRIPT);
  const answeredMs = options.nowMs();
  const facts = Object.fromEntries(
    output.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
    }),
  ) as Record<string, string>;
  if (code !== 0 || facts.kernel === undefined) {
    throw new ProvisionError('host', `a shell on the host failed: ${output.trim().slice(0, 200)}`, 'log in and look');
  }
  checkFacts(facts, options.roles, (askedMs + answeredMs) / 2);
  if (!options.needsDocker) await checkRoot(session);
  const docker = options.needsDocker ? await askDocker(session, options.dockerSocket ?? DOCKER_SOCKET) : undefined;
  return {
    kernel: facts.kernel,
    ...(docker === undefined ? {} : { docker }),
    cpus: facts.cpus ?? '',
    memoryMiB: String(Math.round(Number(facts.memoryKiB ?? 0) / 1024)),
  };
}

function checkFacts(facts: Record<string, string>, roles: readonly NodeRole[], nowMs: number): void {
  if (!/^Linux /.test(facts.kernel ?? '')) {
    throw new ProvisionError('config', `the host runs ${facts.kernel ?? '?'}`, 'nodes must run Linux');
  }
  if (Number(facts.swaps) > 0) {
    throw new ProvisionError(
      'config',
      'swap is on: kubelet does not start',
      'swapoff -a, and remove it from /etc/fstab',
    );
  }
  const skew = Math.round(Number(facts.clock) - nowMs / 1000);
  if (Math.abs(skew) > MOST_SKEW_S) {
    const way = skew > 0 ? 'ahead of' : 'behind';
    const message = `its clock is ${String(Math.abs(skew))} s ${way} the provisioner's: certificates would not be valid`;
    throw new ProvisionError('config', message, 'set the clock, and let chrony or systemd-timesyncd keep it');
  }
  const disk = Number(facts.disk);
  if (disk > 0 && disk < LEAST_DISK_KIB) {
    const message = `${String(Math.round(disk / 1024))} MiB are free for /var/lib, 10 GiB are needed for the images`;
    throw new ProvisionError('config', message, 'free some, or mount a larger disk there');
  }
  const listening = new Set((facts.listening ?? '').split(',').map((port) => Number.parseInt(port, 16)));
  const taken = [...EVERY_NODE, ...roles.flatMap((role) => PORTS[role])].filter((port) => listening.has(port));
  if (taken.length > 0) {
    const message = `something listens on ${taken.map(String).join(', ')}, which Kubernetes needs`;
    throw new ProvisionError(
      'config',
      message,
      'stop it (ss -ltnp says what it is); an older cluster may still run there',
    );
  }
}

async function checkRoot(session: SshSession): Promise<void> {
  const { code, output } = await session.run(ROOT_SCRIPT);
  if (code === 0) return;
  const advice =
    'let the user run sudo without a password, or log in as root; RKE needs only the group docker (--driver rke)';
  throw new ProvisionError('auth', 'the user may not become root, by which k3s and RKE2 are installed', advice, {
    line: output.trim().slice(0, 200),
  });
}

/** Version of Docker, asked through the socket as RKE does. */
async function askDocker(session: SshSession, path: string): Promise<string> {
  let answer = '';
  try {
    const socket = await session.openSocket(path);
    const timer = setTimeout(() => socket.destroy(new Error('no answer within 10 s')), DOCKER_WITHIN_MS);
    socket.write('GET /version HTTP/1.0\r\nHost: docker\r\n\r\n');
    for await (const chunk of socket) answer += String(chunk);
    clearTimeout(timer);
  } catch (error) {
    throw new ProvisionError(
      'docker',
      `Docker cannot be reached through ${path}: ${(error as Error).message}`,
      'install and start Docker, put the user into the group docker, and set AllowTcpForwarding yes in sshd_config',
      { cause: error },
    );
  }
  const version = /"Version"\s*:\s*"([^"]+)"/.exec(answer)?.[1];
  if (version === undefined) {
    const line = answer.split('\r\n')[0] ?? '';
    throw new ProvisionError('docker', `what answers at ${path} is not Docker: ${line}`, 'start Docker there', {
      line,
    });
  }
  return version;
}
