/** `skyctl cluster drain`: preview, question, change, progress. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '@skyflow/contracts';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { ExitCode } from '../../cli/exit-codes.js';
import type { Flags } from '../../cli/flags.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { CLUSTER, qualifiedName } from '../../gateway/kinds.js';
import type { Session } from '../../session.js';
import { clustersNamed, patchSpec } from './clusters.js';
import { askForPreview, isAgreed, renderPreview } from './move-preview.js';

const DEFAULT_GRACE_MS = 600_000;
const AFTER_GRACE_MS = 60_000;
const LOOK_EVERY_MS = 500;

export const drain: CommandHandler = async (session, { args, flags }) => {
  const gateway = await session.gateway();
  const clusters = await clustersNamed(gateway, args);
  const spec = drainSpec(flags);
  const objects = clusters.map((cluster) => ({ ...cluster, spec: { ...cluster.spec, ...spec } }));
  const preview = await askForPreview(gateway, { objects });
  session.terminal.line(renderPreview(preview));
  if (flags.on('dry-run')) return EXIT.ok;
  if (!(await isAgreed(session, flags, preview, `drain ${namesOf(clusters)}`))) return notDone(session);
  await startDrain(session, gateway, clusters, flags);
  return !flags.has('wait') || flags.on('wait') ? await untilDrained(session, gateway, clusters, flags) : EXIT.ok;
};

export async function startDrain(
  { terminal }: Session,
  gateway: GatewayClient,
  clusters: readonly Cluster[],
  flags: Flags,
): Promise<void> {
  for (const { metadata } of clusters) {
    await patchSpec(gateway, metadata.name, drainSpec(flags));
    terminal.line(`${qualifiedName(CLUSTER)}/${metadata.name} draining`);
  }
}

/** Says what is left, on a terminal all the time, and at the end. */
export async function untilDrained(
  session: Session,
  gateway: GatewayClient,
  clusters: readonly Cluster[],
  flags: Flags,
): Promise<ExitCode> {
  const { terminal } = session;
  const timeoutMs = flags.durationMs('timeout') ?? graceMs(flags) + AFTER_GRACE_MS;
  const end = performance.now() + timeoutMs;
  let left = [...clusters];
  while (left.length > 0) {
    const now = await clustersNamed(gateway, namesIn(left));
    const words = now.map(({ metadata, status }) => `${metadata.name}: ${status?.drain?.workloads ?? 0} workloads`);
    left = now.filter(({ status }) => status?.drain !== undefined && status.drain.phase !== 'Drained');
    if (terminal.isTerminal) terminal.stderr.write(`\r\u001b[2K${left.length > 0 ? words.join(', ') : ''}`);
    for (const { metadata } of now) {
      if (left.some((each) => each.metadata.name === metadata.name)) continue;
      terminal.line(`${qualifiedName(CLUSTER)}/${metadata.name} drained`);
    }
    if (left.length > 0 && performance.now() > end) {
      terminal.note(`not drained after ${timeoutMs / 1000} s, it goes on by itself: ${words.join(', ')}`);
      return EXIT.timeout;
    }
    if (left.length > 0) await pause(LOOK_EVERY_MS);
  }
  return EXIT.ok;
}

export function notDone({ terminal }: Session): ExitCode {
  terminal.note('nothing was changed');
  return EXIT.ok;
}

const namesIn = (clusters: readonly Cluster[]): string[] => clusters.map(({ metadata }) => metadata.name);

export const namesOf = (clusters: readonly Cluster[]): string => namesIn(clusters).join(' and ');

const graceMs = (flags: Flags): number => flags.durationMs('grace') ?? DEFAULT_GRACE_MS;

export const drainSpec = (flags: Flags): { unschedulable: true; drain: { graceSeconds: number } } => ({
  unschedulable: true,
  drain: { graceSeconds: Math.ceil(graceMs(flags) / 1000) },
});
