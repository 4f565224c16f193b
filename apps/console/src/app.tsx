/** Which view an address shows. */
import type { ReactElement } from 'react';
import { Route, Switch } from 'wouter';
import { useSessionState } from './api/hooks.js';
import { AccessView } from './access/access-view.js';
import { ClusterView } from './fleet/cluster-view.js';
import { FleetView } from './fleet/fleet-view.js';
import { MeshView } from './mesh/mesh-view.js';
import { OperationsView } from './operations/operations-view.js';
import { Empty } from './parts/empty.js';
import { ProvisioningView } from './provisioning/provisioning-view.js';
import { QueuesView } from './queues/queues-view.js';
import { Shell } from './shell/shell.js';
import { SignIn } from './shell/sign-in.js';
import { TimeView } from './time/time-view.js';
import { WhatIfView } from './what-if/what-if-view.js';
import { WorkloadView } from './workloads/workload-view.js';
import { WorkloadsView } from './workloads/workloads-view.js';

export function App(): ReactElement {
  const state = useSessionState();
  if (state.phase === 'asking') return <p className="page-wait">Signing in …</p>;
  if (state.phase === 'out') return <SignIn problem={state.problem} />;
  return (
    <Shell who={state.who}>
      <Switch>
        <Route path="/">
          <FleetView />
        </Route>
        <Route path="/clusters/:name">{({ name }) => <ClusterView name={name} key={name} />}</Route>
        <Route path="/workloads">
          <WorkloadsView />
        </Route>
        <Route path="/workloads/:namespace/:plural/:name/:tab?">
          {({ namespace, plural, name, tab = '' }) => (
            <WorkloadView
              address={{ namespace, plural: plural === 'jobs' ? 'jobs' : 'deployments', name }}
              tab={tab}
              key={`${namespace}/${plural}/${name}`}
            />
          )}
        </Route>
        <Route path="/queues">
          <QueuesView />
        </Route>
        <Route path="/mesh">
          <MeshView />
        </Route>
        <Route path="/provisioning">
          <ProvisioningView />
        </Route>
        <Route path="/what-if">
          <WhatIfView />
        </Route>
        <Route path="/time">
          <TimeView />
        </Route>
        <Route path="/access">
          <AccessView />
        </Route>
        <Route path="/operations">
          <OperationsView />
        </Route>
        <Route>
          <Empty title="There is no such page">Choose one on the left.</Empty>
        </Route>
      </Switch>
    </Shell>
  );
}
