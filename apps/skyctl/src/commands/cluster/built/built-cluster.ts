/** A cluster that SkyFlow built, and how far what was asked of it is. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, ProvisionSpec, ProvisioningStatus } from '@skyflow/contracts';
import { CliError } from '../../../cli/cli-error.js';
import { EXIT, type ExitCode } from '../../../cli/exit-codes.js';
import type { Flags } from '../../../cli/flags.js';
import type { GatewayClient } from '../../../gateway/gateway-client.js';
import { CLUSTER, qualifiedName } from '../../../gateway/kinds.js';
import type { Session } from '../../../session.js';
import { clustersNamed, patchSpec } from '../clusters.js';

const DEFAULT_TIMEOUT_MS = 3_600_000;
const LOOK_EVERY_MS = 500;

export interface BuiltCluster {
  cluster: Cluster;
  provision: ProvisionSpec;
  /** Undefined: nothing is known of it yet. */
  status: ProvisioningStatus | undefined;
}

/** @throws CliError for one that is not there, or that is only attached. */
export async function builtCluster(gateway: GatewayClient, name: string): Promise<BuiltCluster> {
  const [cluster] = await clustersNamed(gateway, [name]);
  const provision = cluster?.spec.provision;
  if (cluster !== undefined && provision !== undefined) {
    return { cluster, provision, status: cluster.status?.provisioning };
  }
  throw new CliError({
    code: EXIT.refused,
    summary: `cluster ${name} is attached: SkyFlow did not build it, and changes nothing of it`,
    hint: 'use the tools that it was made with',
  });
}

export interface Ask {
  name: string;
  /** What is written below spec.provision. */
  change: Record<string, unknown>;
  /** What is said when it is asked for: "snapshot-3 is being taken". */
  words: string;
  /** Whether it has been done. */
  isDone: (built: BuiltCluster) => boolean;
}

/** Writes it, says so, and with --wait stays until it is done. */
export async function askOf(session: Session, flags: Flags, ask: Ask): Promise<ExitCode> {
  const gateway = await session.gateway();
  const { provision } = await builtCluster(gateway, ask.name);
  const isPaused = provision.paused === true;
  if (isPaused && flags.on('wait')) {
    throw new CliError({
      code: EXIT.refused,
      summary: `cluster ${ask.name} is paused: there would be nothing to wait for`,
      hint: `skyctl cluster resume ${ask.name}, or ask for it without --wait`,
    });
  }
  await patchSpec(gateway, ask.name, { provision: ask.change });
  const label = `${qualifiedName(CLUSTER)}/${ask.name}`;
  if (isPaused) {
    session.terminal.line(`${label} is paused; what was asked for begins after: skyctl cluster resume ${ask.name}`);
    return EXIT.ok;
  }
  session.terminal.line(
    flags.on('wait') ? `${label} ${ask.words}` : `${label} ${ask.words}: skyctl logs cluster ${ask.name} -f`,
  );
  return flags.on('wait') ? untilDone(session, gateway, flags, ask) : EXIT.ok;
}

async function untilDone(
  { terminal }: Session,
  gateway: GatewayClient,
  flags: Flags,
  { name, isDone }: Ask,
): Promise<ExitCode> {
  const timeoutMs = flags.durationMs('timeout') ?? DEFAULT_TIMEOUT_MS;
  const end = performance.now() + timeoutMs;
  for (;;) {
    const built = await builtCluster(gateway, name);
    const { status } = built;
    if (terminal.isTerminal) terminal.stderr.write('\r\u001b[2K');
    if (status?.phase === 'ACTIVE' && isDone(built)) {
      terminal.line(`${qualifiedName(CLUSTER)}/${name} is ACTIVE: ${status.message}`);
      return EXIT.ok;
    }
    // While it is worked on, a failure is one that is tried again.
    if (status?.failure !== undefined && status.phase !== 'UPDATING') {
      const { message, line, advice } = status.failure;
      throw new CliError({
        code: EXIT.failure,
        summary: `${name}: ${message}${line === undefined || line === message ? '' : `\n${line}`}`,
        hint: advice,
      });
    }
    const words = status === undefined ? '' : `${status.operation}: ${status.stage}, ${String(status.progress)} %`;
    if (performance.now() > end) {
      terminal.note(`not done after ${String(timeoutMs / 1000)} s, it goes on by itself: ${words}`);
      return EXIT.timeout;
    }
    if (terminal.isTerminal) terminal.stderr.write(`${name}: ${words}`);
    await pause(LOOK_EVERY_MS);
  }
}
