/**
 * A cluster at a glance. Its name and state are always in the document, for the keyboard, readers of screens and the browser's own
 * search; what takes time to draw comes when the tile is near what is seen: a fleet may have a thousand.
 */
import { type ReactElement, memo } from 'react';
import { Link } from 'wouter';
import { useMoment, useNow } from '../api/hooks.js';
import { ageOf } from '../parts/age.js';
import { amountsOf } from '../parts/amounts.js';
import { Badge } from '../parts/badge.js';
import { ResourceMeter } from '../parts/meter.js';
import { useNear } from '../parts/use-near.js';
import type { FleetCluster } from './cluster-states.js';

/** Resources that have room on a tile; its page has all. */
const METERS = 3;

export const ClusterTile = memo(({ cluster }: { cluster: FleetCluster }): ReactElement => {
  const { metadata, spec, status } = cluster;
  const [ref, near] = useNear<HTMLLIElement>();
  return (
    <li className="tile" ref={ref}>
      <div className="tile-head">
        <h3>
          <Link href={`/clusters/${encodeURIComponent(metadata.name)}`}>{metadata.name}</Link>
        </h3>
        <Badge word={metadata.deletionTimestamp === undefined ? (status?.phase ?? 'INIT') : 'DELETING'} />
        {spec.unschedulable === true && <Badge word={spec.drain === undefined ? 'Cordoned' : 'Draining'} tone="warn" />}
      </div>
      {near && <TileDetail cluster={cluster} />}
    </li>
  );
});
ClusterTile.displayName = 'ClusterTile';

const heardText = (time: string | undefined, nowMs: number): string =>
  time === undefined ? 'never heard' : `heard ${ageOf(time, nowMs)} ago`;

function TileDetail({ cluster: { status, nodeCounts } }: { cluster: FleetCluster }): ReactElement {
  const nowMs = useNow(1_000);
  // Signs of life are in no log.
  const past = useMoment() !== undefined;
  const amounts = amountsOf(status?.allocatable ?? {}, status?.free ?? {}).filter(
    ({ resource }) => resource !== 'pods',
  );
  return (
    <>
      {amounts.slice(0, METERS).map((amount) => (
        <ResourceMeter key={amount.resource} amount={amount} />
      ))}
      {status?.message !== undefined && status.phase !== 'READY' && <p className="tile-why">{status.message}</p>}
      <p className="tile-foot">
        {[
          ...(nodeCounts === undefined ? [] : [`${nodeCounts.ready}/${nodeCounts.all} nodes ready`]),
          ...(past ? [] : [heardText(status?.lastHeartbeatTime, nowMs)]),
        ].join(' · ')}
      </p>
    </>
  );
}
