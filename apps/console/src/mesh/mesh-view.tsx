/** Services over clusters: where the native Service is, which pods are behind it, and whether the way to them is proved. */
import { type ReactElement, useMemo } from 'react';
import { useComplete, useNow, useObjects } from '../api/hooks.js';
import { ageOf } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { Table } from '../parts/table.js';
import { type HeldKinds, keyOf } from '../api/objects.js';
import { NotInTheLog } from '../time/not-in-the-log.js';
import { LinksTable } from './links-table.js';
import { meshLinks } from './mesh-links.js';
import { useLinks } from './use-links.js';

type Service = HeldKinds['services'];

export function MeshView(): ReactElement {
  const services = useObjects('services');
  const complete = useComplete('services');
  const nowMs = useNow(5_000);
  const links = useLinks();
  const proved = useMemo(() => meshLinks(services), [services]);
  const sorted = useMemo(() => services.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)), [services]);
  return (
    <>
      <div className="view-head">
        <h1>Mesh</h1>
        <p className="view-sum">{services.length === 1 ? '1 service' : `${services.length} services`}</p>
      </div>
      {!complete && <Waiting what="services" />}
      {complete && services.length === 0 && (
        <Empty title="No services over clusters yet">
          Make one: <code>skyctl create service web --type LoadBalancer --ports 8008 8080</code>
        </Empty>
      )}
      <NotInTheLog>
        How long ways take and what went over them is counted by the gateways of the mesh and not in SkyFlow’s log.
        Whether each way was proved, and which endpoints there were, is of that moment.
      </NotInTheLog>
      {links.error !== undefined && <ErrorNote error={links.error} again={links.again} />}
      {(links.data?.length ?? 0) > 0 ? (
        <section className="card">
          <h2>Links between clusters</h2>
          <LinksTable links={links.data ?? []} />
        </section>
      ) : (
        proved.length > 0 && (
          <section className="card">
            <h2>Ways between clusters</h2>
            <Table
              label="Ways between clusters"
              columns={['From', 'To', 'State', 'Services', 'Since', 'How it is known']}
              rows={proved.map(({ from, to, state, services: count, message, since }) => ({
                key: `${from}/${to}`,
                cells: [from, to, <Badge key="state" word={state} />, count, ageOf(since, nowMs), message],
              }))}
            />
          </section>
        )
      )}
      {sorted.map((service) => (
        <ServiceCard key={service.metadata.uid} service={service} nowMs={nowMs} />
      ))}
    </>
  );
}

function ServiceCard({
  service: { metadata, spec, status },
  nowMs,
}: {
  service: Service;
  nowMs: number;
}): ReactElement {
  const addresses = [...(status?.externalIPs ?? []), ...(status?.clusterIP === undefined ? [] : [status.clusterIP])];
  const ports = spec?.ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(', ');
  return (
    <section className="card">
      <div className="tile-head">
        <h2>
          {metadata.namespace}/{metadata.name}
        </h2>
        <Badge word={status?.phase ?? 'PENDING'} />
      </div>
      <p className="view-sum">
        {spec?.type} on {status?.cluster ?? spec?.cluster} · {addresses.join(', ') || 'no address yet'} · {ports} ·{' '}
        {status?.ready ?? 0} of {status?.total ?? 0} endpoints ready
      </p>
      {status?.message !== undefined && status.phase !== 'READY' && <p>{status.message}</p>}
      {(status?.clusters.length ?? 0) > 0 && (
        <Table
          label={`Clusters behind ${metadata.name}`}
          columns={['Cluster', 'Ready', 'Plane', 'Way', 'Told', 'Why']}
          rows={(status?.clusters ?? []).map(
            ({ cluster, primary, ready, total, path, plane, observedAt, message }) => ({
              key: cluster,
              cells: [
                primary ? `${cluster} (its own Service)` : cluster,
                `${ready}/${total}`,
                primary ? '–' : (plane ?? 'undecided'),
                primary ? 'not needed' : <Badge key="path" word={path?.state ?? 'UNKNOWN'} />,
                observedAt === undefined ? 'not yet' : `${ageOf(observedAt, nowMs)} ago`,
                message ?? path?.message ?? '',
              ],
            }),
          )}
        />
      )}
      {(status?.endpoints.length ?? 0) > 0 && (
        <details>
          <summary>Endpoints</summary>
          <Table
            label={`Endpoints of ${metadata.name}`}
            columns={['Pod', 'Cluster', 'Address', 'State', 'Gets connections']}
            rows={(status?.endpoints ?? []).map(({ pod, cluster, address, ports: own, ready, used }) => ({
              key: `${cluster}/${pod}`,
              cells: [
                pod,
                cluster,
                `${address}:${own.map(({ port }) => port).join(',')}`,
                <Badge key="ready" word={ready ? 'Ready' : 'NotReady'} tone={ready ? 'good' : 'warn'} />,
                used ? 'yes' : 'no',
              ],
            }))}
          />
        </details>
      )}
    </section>
  );
}
