/** One job or deployment: where it runs, why there, its pods and logs, what happened, and its YAML. */
import type { ReactElement } from 'react';
import { useMay, useMoment } from '../api/hooks.js';
import type { WorkloadAddress } from '../api/objects.js';
import { Badge } from '../parts/badge.js';
import { Empty, Waiting } from '../parts/empty.js';
import { ErrorNote } from '../parts/error-note.js';
import { type Tab, Tabs } from '../parts/tabs.js';
import { EventsTab } from './events-tab.js';
import { HistoryTab } from './history-tab.js';
import { LogsTab } from './logs-tab.js';
import { PodsTab } from './pods-tab.js';
import { SharesTab } from './shares-tab.js';
import { TerminalTab } from './terminal/terminal-tab.js';
import { WhyTab } from './why-tab.js';
import { WorkloadActions } from './workload-actions.js';
import { useWorkload } from './use-workload.js';
import { workloadHref } from './workload-link.js';
import { phaseOf } from './workload-rows.js';
import { YamlTab } from './yaml-tab.js';

export function WorkloadView({ address, tab }: { address: WorkloadAddress; tab: string }): ReactElement {
  const { namespace, plural, name } = address;
  const { workload, complete, error } = useWorkload(address);
  const past = useMoment() !== undefined;
  const mayLogs = useMay({ verb: 'get', resource: plural, subresource: 'log', namespace, name });
  const mayPods = useMay({ verb: 'get', resource: plural, namespace, name });
  const mayExec = useMay({ verb: 'get', resource: 'pods', subresource: 'exec', group: '', namespace });
  const mayEvents = useMay({ verb: 'list', resource: 'events', group: '', namespace });
  if (workload === undefined) {
    if (error !== undefined) return <ErrorNote error={error} />;
    return complete ? (
      <Empty title={`There is no such workload: ${namespace}/${name}`}>
        It may have ended and been removed; its history:{' '}
        <code>
          skyctl history {plural.slice(0, -1)} {name}
        </code>
      </Empty>
    ) : (
      <Waiting what="the workload" />
    );
  }
  const offered = (may: boolean, tabs: Tab[]): Tab[] => (may ? tabs : []);
  const { status } = workload;
  const tabs: Tab[] = [
    { path: '', title: 'Clusters', content: () => <SharesTab workload={workload} /> },
    { path: 'why', title: 'Why here?', content: () => <WhyTab address={address} workload={workload} /> },
    ...offered(mayPods, [{ path: 'pods', title: 'Pods', content: () => <PodsTab address={address} /> }]),
    ...offered(mayLogs, [
      { path: 'logs', title: 'Logs', content: () => <LogsTab address={address} workload={workload} /> },
    ]),
    ...offered(mayPods && mayExec && !past, [
      { path: 'terminal', title: 'Terminal', content: () => <TerminalTab address={address} /> },
    ]),
    ...offered(mayEvents, [{ path: 'events', title: 'Events', content: () => <EventsTab workload={workload} /> }]),
    { path: 'history', title: 'History', content: () => <HistoryTab address={address} workload={workload} /> },
    { path: 'yaml', title: 'YAML', content: () => <YamlTab address={address} /> },
  ];
  return (
    <>
      <div className="view-head">
        <h1>{name}</h1>
        <Badge word={phaseOf(workload)} />
        <span className="view-sum">
          {workload.kind} in {namespace}
        </span>
        <WorkloadActions workload={workload} address={address} />
      </div>
      {status?.message !== undefined && status.phase !== 'RUNNING' && <p className="lead">{status.message}</p>}
      <Tabs label="About this workload" base={workloadHref(workload)} current={tab} tabs={tabs} />
    </>
  );
}
