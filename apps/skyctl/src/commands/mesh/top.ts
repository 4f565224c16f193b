/** `skyctl mesh top`: connections and bytes per pair of clusters, as the gateways counted them since they started. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Link } from '@skyflow/contracts';
import type { CommandHandler } from '../../cli/command-spec.js';
import { EXIT } from '../../cli/exit-codes.js';
import { renderTable } from '../../output/table.js';

const EVERY_MS = 2_000;
const COLUMNS = [
  ...['From', 'To', 'Plane', 'Status', 'Sessions', 'Lanes'],
  ...['Open', 'Connections', 'Refused', 'Sent', 'Received', 'Rate'],
];

export const meshTop: CommandHandler = async (session, { flags }) => {
  const { terminal } = session;
  const client = await session.gateway();
  let before = new Map<string, { at: number; bytes: number }>();
  for (;;) {
    const { body } = await client.json<{ items: Link[] }>({ path: '/apis/skyflow.io/v1/links' });
    const at = performance.now();
    const rows = body.items.map((link) => rowOf(link, before.get(link.metadata.name), at));
    terminal.line(
      rows.length === 0
        ? 'No links: no service has pods on another cluster.'
        : renderTable({
            columns: COLUMNS,
            rows,
          }),
    );
    if (!flags.has('watch')) return EXIT.ok;
    before = new Map(body.items.map(({ metadata, status }) => [metadata.name, { at, bytes: bytesOf(status.traffic) }]));
    await delay(EVERY_MS);
    terminal.line('');
  }
};

function rowOf({ spec, status }: Link, before: { at: number; bytes: number } | undefined, at: number): string[] {
  const { traffic } = status;
  const head = [spec.from, spec.to, status.planes.join(','), status.phase];
  // Of the flat plane nothing of ours sees the bytes.
  if (traffic === undefined || !status.planes.includes('gateway'))
    return [...head, ...COLUMNS.slice(head.length).map(() => '-')];
  const rate =
    before === undefined ? '-' : `${sizeText(((bytesOf(traffic) - before.bytes) * 1000) / (at - before.at))}/s`;
  return [
    ...head,
    String(status.sessions ?? '-'),
    String(status.lanes ?? '-'),
    String(traffic.open),
    String(traffic.connections),
    String(traffic.refused),
    sizeText(traffic.sentBytes),
    sizeText(traffic.receivedBytes),
    rate,
  ];
}

const bytesOf = (traffic: Link['status']['traffic']): number =>
  (traffic?.sentBytes ?? 0) + (traffic?.receivedBytes ?? 0);

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function sizeText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** unit;
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
