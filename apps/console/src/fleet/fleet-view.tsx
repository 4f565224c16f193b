/** All clusters, by provider and region, and what waits for room in them. */
import { type ReactElement, useDeferredValue, useMemo, useState } from 'react';
import type { Cluster } from '@skyflow/contracts';
import { useComplete } from '../api/hooks.js';
import { LinksTable } from '../mesh/links-table.js';
import { useLinks } from '../mesh/use-links.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ResourceMeter } from '../parts/meter.js';
import type { FleetCluster } from './cluster-states.js';
import { ClusterTile } from './cluster-tile.js';
import { type FleetGroup, fleetAmounts, fleetGroups, isMeant } from './fleet-groups.js';
import { useClusters } from './use-clusters.js';
import { WaitingList } from './waiting-list.js';

const LINKS_SHOWN = 50;

export function FleetView(): ReactElement {
  const clusters = useClusters();
  const complete = useComplete('clusters');
  const [text, setText] = useState('');
  const filter = useDeferredValue(text);
  const shown = useMemo(() => clusters.filter((cluster) => isMeant(filter, cluster)), [clusters, filter]);
  const groups = useMemo(() => fleetGroups(shown), [shown]);
  const amounts = useMemo(() => fleetAmounts(shown), [shown]);
  const ready = shown.filter(({ status }) => status?.phase === 'READY').length;
  return (
    <>
      <div className="view-head">
        <h1>Fleet</h1>
        <p className="view-sum">
          {ready} of {shown.length} clusters ready
        </p>
        <label className="search">
          <span className="sr">Filter clusters by name or label</span>
          <input
            type="search"
            placeholder="name, label=value, phase:LOST"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
      </div>
      {amounts.length > 0 && (
        <section className="card" aria-label="Capacity of the clusters shown">
          {amounts.map((amount) => (
            <ResourceMeter key={amount.resource} amount={amount} />
          ))}
        </section>
      )}
      <WaitingList />
      <FleetLinks shown={shown} />
      {!complete && <Waiting what="clusters" />}
      {complete && clusters.length === 0 && (
        <Empty title="No clusters yet">
          Register one: <code>skyctl create cluster NAME --context CONTEXT</code>
        </Empty>
      )}
      {complete && clusters.length > 0 && shown.length === 0 && <Empty title={`No cluster fits “${filter}”`} />}
      {groups.map((group) => (
        <Group key={`${group.provider}/${group.region}`} group={group} only={groups.length === 1} />
      ))}
    </>
  );
}

/** The mesh links of the clusters shown. */
function FleetLinks({ shown }: { shown: readonly Cluster[] }): ReactElement | null {
  const { data = [] } = useLinks();
  const names = useMemo(() => new Set(shown.map(({ metadata }) => metadata.name)), [shown]);
  const links = data.filter(({ spec }) => names.has(spec.from) || names.has(spec.to));
  if (links.length === 0) return null;
  return (
    <section className="card">
      <h2>Mesh links ({links.length})</h2>
      <LinksTable links={links.slice(0, LINKS_SHOWN)} />
      {links.length > LINKS_SHOWN && <p>and {links.length - LINKS_SHOWN} more: filter the clusters</p>}
    </section>
  );
}

function Group({
  group: { provider, region, clusters },
  only,
}: {
  group: FleetGroup<FleetCluster>;
  only: boolean;
}): ReactElement {
  const title = [provider, region].filter((each) => each !== '').join(' · ');
  return (
    <section className="fleet-group">
      <h2 className={only && title === '' ? 'sr' : ''}>{title === '' ? 'No provider or region named' : title}</h2>
      <ul className="tiles">
        {clusters.map((cluster) => (
          <ClusterTile key={cluster.metadata.uid} cluster={cluster} />
        ))}
      </ul>
    </section>
  );
}
