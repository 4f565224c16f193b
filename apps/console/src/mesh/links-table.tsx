/** Ways between clusters: whether they are proved, how long they take, what went over them. */
import type { ReactElement } from 'react';
import type { Link } from '@skyflow/contracts';
import { humanBytes } from '@skyflow/domain';
import { Badge } from '../parts/badge.js';
import { Table } from '../parts/table.js';

export function LinksTable({ links }: { links: readonly Link[] }): ReactElement {
  return (
    <Table
      label="Links between clusters"
      columns={['From', 'To', 'State', 'Plane', 'Latency', 'Sent', 'Received', 'Connections', 'Services', 'Evidence']}
      rows={links.map(({ metadata, spec: { from, to }, status }) => ({
        key: metadata.name,
        cells: [
          from,
          to,
          <Badge key="state" word={status.phase} />,
          status.planes.join(', '),
          latencyText(status),
          bytesText(status.traffic?.sentBytes),
          bytesText(status.traffic?.receivedBytes),
          connectionsText(status.traffic),
          status.services.length,
          status.message,
        ],
      }))}
    />
  );
}

const bytesText = (bytes: number | undefined): string => (bytes === undefined ? 'not known' : `${humanBytes(bytes)}B`);

const latencyText = ({ rttMs }: Link['status']): string =>
  rttMs === undefined ? 'not known' : `${rttMs < 10 ? rttMs.toFixed(1) : Math.round(rttMs)} ms`;

const connectionsText = (traffic: Link['status']['traffic']): string =>
  traffic === undefined
    ? 'not known'
    : `${traffic.open} open, ${traffic.connections} in all${traffic.refused > 0 ? `, ${traffic.refused} refused` : ''}`;
