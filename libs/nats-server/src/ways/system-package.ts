/**
 * Installs nats-server with the system's package manager: only when that needs no password, and only when the version on offer
 * is recent enough (asked first, so that an old one is never installed in vain).
 */
import { findVersion, isRecentEnough, MINIMUM_VERSION } from '../versions.js';
import { lastLine, type ProcessResult } from '../process-runner.js';
import { onPath } from './present.js';
import { WayFailedError, type Surroundings, type Way } from './way.js';

const QUERY_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 300_000;

interface PackageManager {
  command: string;
  /** Refreshes the lists, where that is a step of its own. */
  refresh?: readonly string[];
  /** Command that prints the version on offer, and how to read it. */
  query: readonly [string, ...string[]];
  candidate(output: string): string | undefined;
  install: readonly string[];
  needsRoot: boolean;
}

const managers: readonly PackageManager[] = [
  {
    command: 'apt-get',
    refresh: ['update'],
    query: ['apt-cache', 'policy', 'nats-server'],
    candidate: (output) => findVersion(/Candidate: (.*)/.exec(output)?.[1] ?? ''),
    install: ['install', '-y', '--no-install-recommends', 'nats-server'],
    needsRoot: true,
  },
  {
    command: 'dnf',
    query: ['dnf', 'repoquery', '--queryformat', '%{version}\n', 'nats-server'],
    candidate: (output) => findVersion(output),
    install: ['install', '-y', 'nats-server'],
    needsRoot: true,
  },
  {
    command: 'apk',
    refresh: ['update'],
    query: ['apk', 'search', '--exact', 'nats-server'],
    candidate: (output) => findVersion(output),
    install: ['add', 'nats-server'],
    needsRoot: true,
  },
  {
    command: 'brew',
    query: ['brew', 'info', '--json=v2', 'nats-server'],
    candidate: (output) => findVersion(/"stable":\s*"([^"]+)"/.exec(output)?.[1] ?? ''),
    install: ['install', 'nats-server'],
    needsRoot: false,
  },
];

export function systemPackage(surroundings: Surroundings): Way {
  return {
    source: 'package',
    describe: () => "asking the system's package manager for nats-server",
    async find() {
      const manager = await presentManager(surroundings);
      const prefix = manager.needsRoot ? await rootPrefix(surroundings, manager) : [];
      if (manager.refresh !== undefined) await step(surroundings, [...prefix, manager.command, ...manager.refresh]);
      const [queryCommand, ...queryArgs] = manager.query;
      const offer = await surroundings.run(queryCommand, queryArgs, { timeoutMs: QUERY_TIMEOUT_MS });
      const candidate = manager.candidate(offer.stdout);
      if (candidate === undefined) throw new WayFailedError(`${manager.command} has no package nats-server`);
      if (!isRecentEnough(candidate)) {
        throw new WayFailedError(`${manager.command} offers ${candidate}, SkyFlow needs ${MINIMUM_VERSION} or newer`);
      }
      surroundings.report(`installing nats-server ${candidate} with ${manager.command}`);
      await step(surroundings, [...prefix, manager.command, ...manager.install]);
      return { ...(await onPath(withSystemPath(surroundings)).find()), source: 'package' };
    },
    advice:
      'install the package nats-server (2.10 or newer) with your package manager, e.g. apt-get install nats-server on Debian 13',
  };
}

async function presentManager({ run }: Surroundings): Promise<PackageManager> {
  for (const manager of managers) {
    const result = await run(manager.command, ['--version'], { timeoutMs: QUERY_TIMEOUT_MS });
    if (result.code === 0) return manager;
  }
  throw new WayFailedError(`none of ${managers.map((manager) => manager.command).join(', ')} is on this machine`);
}

/** Words to put before a command so that it runs as root without asking for a password. */
async function rootPrefix({ run, uid }: Surroundings, manager: PackageManager): Promise<readonly string[]> {
  if (uid === 0) return [];
  const sudo = await run('sudo', ['-n', 'true'], { timeoutMs: QUERY_TIMEOUT_MS });
  if (sudo.code === 0) return ['sudo', '-n'];
  throw new WayFailedError(`${manager.command} needs root, and sudo asks for a password`);
}

async function step({ run }: Surroundings, command: readonly string[]): Promise<ProcessResult> {
  const [program = '', ...args] = command;
  const result = await run(program, args, {
    timeoutMs: INSTALL_TIMEOUT_MS,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.code !== 0) throw new WayFailedError(`${command.join(' ')} failed: ${lastLine(result)}`);
  return result;
}

/** Packages put daemons into sbin, which is not on an ordinary user's PATH. */
function withSystemPath(surroundings: Surroundings): Surroundings {
  const path = [surroundings.env.PATH ?? '', '/usr/local/bin', '/usr/bin', '/usr/sbin', '/opt/homebrew/bin'].join(':');
  return { ...surroundings, env: { ...surroundings.env, PATH: path } };
}
