/** What a change would move: asked from the server, shown as a table, and agreed to. */
import type { MovePreview, PreviewedMove } from '@skyflow/contracts';
import { CliError, usageError } from '../../cli/cli-error.js';
import type { Flags } from '../../cli/flags.js';
import { EXIT } from '../../cli/exit-codes.js';
import type { GatewayClient } from '../../gateway/gateway-client.js';
import { renderTable } from '../../output/table.js';
import type { Session } from '../../session.js';

/** The change as it would be written. */
export interface PreviewedChange {
  objects?: readonly object[];
  /** Services that would be asked to move: all, of a namespace, of these names. */
  rebalance?: { namespace?: string; workloads?: readonly { kind: string; name: string }[] };
  deleted?: readonly { kind: string; namespace?: string; name: string }[];
}

/** Moves that are shown. */
const SHOWN = 50;

/** @param most moves that are listed; all are counted. */
export async function askForPreview(
  gateway: GatewayClient,
  change: PreviewedChange,
  most = SHOWN,
): Promise<MovePreview> {
  const { body } = await gateway.json<{ status: MovePreview }>({
    method: 'POST',
    path: '/apis/skyflow.io/v1/movepreviews',
    body: { spec: { ...change, most } },
  });
  return body.status;
}

export function renderPreview({ moves, workloads, replicas, waiting }: MovePreview): string {
  if (workloads === 0) return 'Nothing has to move.';
  const shown = moves.slice(0, SHOWN);
  const rows = shown.map(({ kind, name, namespace, from, to, waiting: without, message, when }) => [
    `${kind.toLowerCase()}/${name}`,
    namespace ?? '',
    shares(from),
    without > 0 ? [shares(to), waits(without, message)].filter(Boolean).join(', ') : shares(to),
    when === 'now' ? 'at once' : 'when it ends, or the grace time',
  ]);
  const lines = [renderTable({ columns: ['Workload', 'Namespace', 'From', 'To', 'When'], rows })];
  if (workloads > shown.length) lines.push(`and ${workloads - shown.length} more`);
  lines.push('', `${count(workloads, 'workload')} with ${count(replicas, 'replica')} would move.`);
  if (waiting > 0) lines.push(`${count(waiting, 'replica')} would find no other place and wait.`);
  return lines.join('\n');
}

/**
 * Whether to go on: asks on a terminal unless --yes says so.
 * @throws CliError when the server objects and --force is not given, or nobody can be asked.
 */
export async function isAgreed(
  session: Session,
  flags: Flags,
  { objection }: MovePreview,
  what: string,
): Promise<boolean> {
  if (objection !== undefined && !flags.on('force')) {
    throw new CliError({
      code: EXIT.refused,
      summary: `not done: ${objection}`,
      hint: 'add --force to do it all the same',
    });
  }
  if (flags.on('force')) (await session.gateway()).allowMoves();
  return isConfirmed(session, flags, what);
}

/** Asks on a terminal unless --yes says so. @throws CliError when nobody can be asked. */
export async function isConfirmed(session: Session, flags: Flags, what: string): Promise<boolean> {
  if (flags.on('yes')) return true;
  if (!session.terminal.isTerminal || !process.stdin.isTTY) {
    throw usageError(`nobody can be asked whether to ${what}`, 'add --yes to do it without a question');
  }
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${what}? [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}

const waits = (replicas: number, reason: string | undefined): string =>
  `${replicas} wait${reason === undefined ? '' : ` (${reason})`}`;

const shares = (list: PreviewedMove['from']): string =>
  list.map(({ cluster, replicas }) => `${cluster}: ${replicas}`).join(', ');

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
