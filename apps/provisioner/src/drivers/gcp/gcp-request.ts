/** A machine as Compute Engine is asked for it, and how it tells of itself afterwards. */
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import type { ListedMachine, ProvisionMachine } from '@skyflow/domain';
import { bootScript } from '../boot-script.js';
import type { MachineContext } from '../machine-driver.js';
import { type GcpAccelerator, googleName, takesAccelerators, wantedAccelerator } from './gcp-accelerators.js';
import { gcpName, labelOf } from './gcp-names.js';

type Instance = compute_v1.Schema$Instance;

const DEFAULT_DISK_GIB = 50;

/** By which machines of this installation are listed. */
export const OWNER_LABEL = 'skyflow-owner';

/** All of it from the log: the same request however often it is made. */
export function instanceOf(machine: ProvisionMachine, zone: string, context: MachineContext, user: string): Instance {
  const { cluster, groundwork, spec, owner } = context;
  const { cloud } = spec;
  const type = machine.offer?.type ?? '';
  const labels = { [OWNER_LABEL]: labelOf(owner), 'skyflow-cluster': labelOf(cluster.uid) };
  const added = takesAccelerators(type) ? wantedAccelerator(cloud ?? {}) : undefined;
  return {
    name: gcpName(machine.name),
    description: `machine of SkyFlow cluster ${cluster.name}`,
    machineType: `zones/${zone}/machineTypes/${type}`,
    labels,
    tags: { items: [groundwork.tag ?? ''] },
    disks: [
      {
        boot: true,
        // It goes with its machine.
        autoDelete: true,
        initializeParams: {
          sourceImage: groundwork.image ?? '',
          diskSizeGb: String(Math.ceil(cloud?.diskGiB ?? DEFAULT_DISK_GIB)),
          diskType: `zones/${zone}/diskTypes/pd-balanced`,
          labels,
        },
      },
    ],
    networkInterfaces: [
      {
        network: groundwork.network ?? '',
        subnetwork: groundwork.subnetwork ?? '',
        accessConfigs: [{ type: 'ONE_TO_ONE_NAT', name: 'External NAT' }],
      },
    ],
    ...(added === undefined ? {} : { guestAccelerators: [acceleratorOf(added, zone)] }),
    scheduling: schedulingOf(cloud?.spot === true, cloud?.accelerators !== undefined),
    metadata: {
      items: Object.entries({
        'ssh-keys': `${user}:${context.publicKey()}`,
        'block-project-ssh-keys': 'TRUE',
        'enable-oslogin': 'FALSE',
        'startup-script': bootScript(user, (spec.driver ?? 'rke') === 'rke'),
        'skyflow-machine': machine.name,
        'skyflow-cluster': cluster.uid,
        'skyflow-cluster-name': cluster.name,
      }).map(([key, value]) => ({ key, value })),
    },
  };
}

const acceleratorOf = (added: GcpAccelerator, zone: string): compute_v1.Schema$AcceleratorConfig => ({
  acceleratorType: `zones/${zone}/acceleratorTypes/${googleName(added)}`,
  acceleratorCount: added.count,
});

/** Machines with accelerators cannot be moved; those that may be taken back go altogether. */
function schedulingOf(spot: boolean, hasAccelerators: boolean): compute_v1.Schema$Scheduling {
  if (!spot) return hasAccelerators ? { onHostMaintenance: 'TERMINATE', automaticRestart: true } : {};
  return {
    provisioningModel: 'SPOT',
    instanceTerminationAction: 'DELETE',
    onHostMaintenance: 'TERMINATE',
    automaticRestart: false,
  };
}

/** Labels cannot hold every name; metadata can. */
export function ownMetadata({ metadata }: Instance): Omit<ListedMachine, 'id'> {
  const value = (key: string): string => metadata?.items?.find((item) => item.key === key)?.value ?? '';
  return {
    name: value('skyflow-machine'),
    cluster: value('skyflow-cluster'),
    clusterName: value('skyflow-cluster-name'),
  };
}
