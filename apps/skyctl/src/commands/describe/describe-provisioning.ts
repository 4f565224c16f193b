/** What a cluster that SkyFlow builds is made of, how far it is, and what is in the way. */
import type { Cluster, ProvisioningStatus } from '@skyflow/contracts';
import { cloudsOf } from '@skyflow/domain';
import { ageOf } from '../../output/age.js';
import { renderTable } from '../../output/table.js';
import { fields, section } from './describe-object.js';

export function builtBy({ spec, status }: Cluster): string {
  const { hosts, cloud } = spec.provision ?? {};
  const driver = status?.provisioning?.driver ?? spec.provision?.driver ?? 'rke';
  const clouds = cloud === undefined ? '' : cloudsOf(cloud).join(' or ');
  const where =
    cloud === undefined
      ? `${String(hosts?.length ?? 0)} hosts`
      : cloud.autoscale === undefined
        ? `${String(cloud.nodes)} machines of ${clouds}`
        : `${String(cloud.autoscale.minNodes)} to ${String(cloud.autoscale.maxNodes)} machines of ${clouds}`;
  const warning = driver === 'rke' ? '; RKE1 is past its end of life (July 2025): no fixes come any more' : '';
  return `SkyFlow, with ${driver} on ${where}${warning}`;
}

export function provisioningSections(status: ProvisioningStatus | undefined, nowMs: number): string[] {
  if (status === undefined) return [];
  const {
    phase,
    operation,
    stage,
    progress,
    message,
    podCidr,
    serviceCidr,
    machines,
    attempts,
    failure,
    snapshots = [],
    autoscale,
  } = status;
  const entries: [string, string][] = [
    ['Phase', `${phase}, ${operation}: ${stage}, ${String(progress)} %`],
    ['Message', message],
  ];
  if (podCidr !== undefined) entries.push(['Pods', podCidr], ['Services', serviceCidr ?? '']);
  if (autoscale !== undefined) {
    entries.push(['Autoscale', `${String(autoscale.nodes)} machines, as ${autoscale.reason}`]);
  }
  if (snapshots.length > 0) {
    entries.push(['Snapshots', snapshots.map(({ name, at }) => `${name}, ${ageOf(at, nowMs)} ago`).join('\n')]);
  }
  if (failure !== undefined) {
    entries.push(['Failure', `${failure.class}: ${failure.message}`]);
    if (failure.line !== undefined) entries.push(['Line', failure.line]);
    entries.push(['What to do', failure.advice]);
  }
  return [
    ...section('Provisioning', fields(entries)),
    ...(machines.length === 0
      ? []
      : section(
          'Machines',
          renderTable({
            columns: ['Name', 'Phase', 'Roles', 'Address', 'Id', 'Message'],
            rows: machines.map((machine) => [
              machine.name,
              machine.phase,
              machine.roles.join(','),
              machine.address ?? '-',
              machine.providerId ?? '-',
              machine.message ?? '',
            ]),
          }),
        )),
    ...(attempts.length === 0
      ? []
      : section(
          'Runs',
          renderTable({
            columns: ['Run', 'Operation', 'Outcome', 'Came to', 'Started'],
            rows: attempts.map(({ run, operation: what, outcome, stage: last, startedAt }) => [
              String(run),
              what,
              outcome ?? 'running',
              last ?? '-',
              `${ageOf(startedAt, nowMs)} ago`,
            ]),
          }),
        )),
  ];
}
