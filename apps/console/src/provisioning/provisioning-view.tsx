/** Clusters that SkyFlow builds: how far each is, on which machines, what was offered for them, and what its driver prints. */
import { type ReactElement, useMemo, useState } from 'react';
import type { Cluster, ProvisioningStatus } from '@skyflow/contracts';
import { Link } from 'wouter';
import { useComplete, useMay, useMoment, useNow, useObjects } from '../api/hooks.js';
import { ageOf, durationText } from '../parts/age.js';
import { Badge } from '../parts/badge.js';
import { Empty, Waiting } from '../parts/empty.js';
import { Table } from '../parts/table.js';
import { NotInTheLog } from '../time/not-in-the-log.js';
import { BuildLog } from './build-log.js';

export function ProvisioningView(): ReactElement {
  const clusters = useObjects('clusters');
  const complete = useComplete('clusters');
  const built = useMemo(
    () =>
      clusters
        .filter(({ spec }) => spec.provision !== undefined)
        .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1)),
    [clusters],
  );
  return (
    <>
      <div className="view-head">
        <h1>Provisioning</h1>
        <p className="view-sum">{built.length} built by SkyFlow</p>
      </div>
      {!complete && <Waiting what="clusters" />}
      {complete && built.length === 0 && (
        <Empty title="SkyFlow has built no cluster yet">
          Have it build one: apply a Cluster with <code>spec.provision</code>, <code>skyctl apply -f cluster.yaml</code>
        </Empty>
      )}
      {built.map((cluster) => (
        <BuiltCluster key={cluster.metadata.uid} cluster={cluster} />
      ))}
    </>
  );
}

function BuiltCluster({ cluster: { metadata, status } }: { cluster: Cluster }): ReactElement {
  const { name } = metadata;
  const provisioning = status?.provisioning;
  const mayLog = useMay({ verb: 'get', resource: 'clusters', subresource: 'log', name });
  const [open, setOpen] = useState(false);
  const past = useMoment() !== undefined;
  return (
    <section className="card" aria-label={`Provisioning of ${name}`}>
      <div className="tile-head">
        <h2>
          <Link href={`/clusters/${encodeURIComponent(name)}`}>{name}</Link>
        </h2>
        <Badge word={provisioning?.phase ?? 'PENDING'} />
      </div>
      {provisioning === undefined ? (
        <p>The provisioner has not looked at it yet.</p>
      ) : (
        <Progress name={name} provisioning={provisioning} />
      )}
      <NotInTheLog>What drivers print is not in SkyFlow’s log; how far they came is.</NotInTheLog>
      {mayLog && !past && (
        <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>Build log and offers</summary>
          {open && <BuildLog cluster={name} />}
        </details>
      )}
    </section>
  );
}

function Progress({ name, provisioning }: { name: string; provisioning: ProvisioningStatus }): ReactElement {
  const nowMs = useNow(2_000);
  const { operation, stage, progress, message, machines, attempts, failure, kubernetesVersion, driver } = provisioning;
  return (
    <>
      <label className="build-progress">
        {operation}: {stage}, {progress} %
        <progress max={100} value={progress} />
      </label>
      <p className="view-sum">
        {driver}
        {kubernetesVersion === undefined ? '' : ` · Kubernetes ${kubernetesVersion}`}
        {message === '' ? '' : ` · ${message}`}
      </p>
      {failure !== undefined && (
        <div className="note note-bad">
          <p>
            <strong>{failure.class}</strong>: {failure.message}
          </p>
          {failure.line !== undefined && <pre className="log-line">{failure.line}</pre>}
          <p>{failure.advice}</p>
        </div>
      )}
      {machines.length > 0 && (
        <Table
          label={`Machines of ${name}`}
          columns={['Machine', 'State', 'From', 'Roles', 'Address', 'Message']}
          rows={machines.map((machine) => ({
            key: machine.name,
            cells: [
              machine.name,
              <Badge key="state" word={machine.phase} />,
              machine.driver,
              machine.roles.join(', '),
              machine.address ?? '–',
              machine.message ?? '',
            ],
          }))}
        />
      )}
      {attempts.length > 0 && (
        <Table
          label={`Runs of the driver for ${name}`}
          columns={['Run', 'What', 'Begun', 'Took', 'Came to', 'Outcome']}
          rows={attempts.map(({ run, operation: what, startedAt, endedAt, stage: came, outcome }) => ({
            key: String(run),
            cells: [
              run,
              what,
              `${ageOf(startedAt, nowMs)} ago`,
              durationText((endedAt === undefined ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt)),
              came ?? '–',
              outcome ?? 'under way',
            ],
          }))}
        />
      )}
    </>
  );
}
