/** What a cluster that SkyFlow builds is made of, how far it is, and what is in the way. */
import type { Cluster, ProvisioningStatus } from '@skyflow/contracts';
import { cloudsOf, counted } from '@skyflow/domain';
import { ageOf } from '../../output/age.js';
import { renderTable } from '../../output/table.js';
import { fields, section } from './describe-object.js';

export function builtBy({ spec, status }: Cluster): string {
  const { hosts, cloud } = spec.provision ?? {};
  const driver = status?.provisioning?.driver ?? spec.provision?.driver ?? 'rke';
  const clouds = cloud === undefined ? '' : cloudsOf(cloud).join(' or ');
  const where =
    cloud === undefined
      ? counted(hosts?.length ?? 0, 'host')
      : cloud.autoscale === undefined
        ? `${counted(cloud.nodes, 'machine')} of ${clouds}`
        : `${String(cloud.autoscale.minNodes)} to ${counted(cloud.autoscale.maxNodes, 'machine')} of ${clouds}`;
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
    tried = [],
    snapshots = [],
    autoscale,
  } = status;
  const entries: [string, string][] = [
    ['Phase', `${phase}, ${operation}: ${stage}, ${String(progress)} %`],
    ['Message', message],
  ];
  if (podCidr !== undefined) entries.push(['Pods', podCidr], ['Services', serviceCidr ?? '']);
  if (autoscale !== undefined) {
    entries.push(['Autoscale', `${counted(autoscale.nodes, 'machine')}, as ${autoscale.reason}`]);
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
    ...(tried.length === 0
      ? []
      : section(
          'Tried before',
          renderTable({
            columns: ['Offer', 'Where', 'Why not', 'Given up'],
            rows: tried.map(({ provider, region, zone, machineType, message: why, at }) => [
              `${provider} ${machineType}`,
              zone ?? region,
              why,
              `${ageOf(at, nowMs)} ago`,
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
