/** A cluster at a glance. */
import { type ReactElement, memo } from 'react';
import type { Cluster } from '@skyflow/contracts';
import { Link } from 'wouter';
import { ageOf } from '../parts/age.js';
import { amountsOf } from '../parts/amounts.js';
import { Badge } from '../parts/badge.js';
import { ResourceMeter } from '../parts/meter.js';

/** Resources that have room on a tile; its page has all. */
const METERS = 3;

export const ClusterTile = memo(({ cluster, nowMs }: { cluster: Cluster; nowMs: number }): ReactElement => {
  const { metadata, spec, status } = cluster;
  const nodes = status?.nodes ?? [];
  const amounts = amountsOf(status?.allocatable ?? {}, status?.free ?? {}).filter(
    ({ resource }) => resource !== 'pods',
  );
  return (
    <li className="tile">
      <div className="tile-head">
        <h3>
          <Link href={`/clusters/${encodeURIComponent(metadata.name)}`}>{metadata.name}</Link>
        </h3>
        <Badge word={metadata.deletionTimestamp === undefined ? (status?.phase ?? 'INIT') : 'DELETING'} />
        {spec.unschedulable === true && <Badge word={spec.drain === undefined ? 'Cordoned' : 'Draining'} tone="warn" />}
      </div>
      {amounts.slice(0, METERS).map((amount) => (
        <ResourceMeter key={amount.resource} amount={amount} />
      ))}
      {status?.message !== undefined && status.phase !== 'READY' && <p className="tile-why">{status.message}</p>}
      <p className="tile-foot">
        {nodes.filter(({ ready }) => ready).length}/{nodes.length} nodes ready · heard{' '}
        {ageOf(status?.lastHeartbeatTime, nowMs)}
        {status?.lastHeartbeatTime === undefined ? '' : ' ago'}
      </p>
    </li>
  );
});
ClusterTile.displayName = 'ClusterTile';
