/** A machine as Azure is asked for it: its disk, its interface and its address are made with it, and go with it. */
import type { VirtualMachine } from '@azure/arm-compute';
import type { ProvisionMachine } from '@skyflow/domain';
import { bootScript } from '../boot-script.js';
import type { MachineContext } from '../machine-driver.js';
import { azureName, tagsOf, zoneNumber } from './azure-names.js';

const DEFAULT_DISK_GIB = 50;
const NETWORK_API = '2022-11-01';

/** All of it from the log: the same request however often it is made. */
export function virtualMachineOf(machine: ProvisionMachine, context: MachineContext, user: string): VirtualMachine {
  const { groundwork, spec } = context;
  const { cloud } = spec;
  const name = azureName(machine.name);
  const [publisher = '', offer = '', sku = '', version = ''] = (groundwork.image ?? '').split(':');
  const zone = machine.offer?.zone;
  return {
    location: machine.offer?.region ?? '',
    ...(zone === undefined ? {} : { zones: [zoneNumber(zone)] }),
    tags: tagsOf(context, { 'skyflow-machine': machine.name, 'skyflow-op': machine.token }),
    hardwareProfile: { vmSize: machine.offer?.type ?? '' },
    storageProfile: {
      imageReference: { publisher, offer, sku, version },
      osDisk: {
        ...{ createOption: 'FromImage', deleteOption: 'Delete' },
        diskSizeGB: Math.ceil(cloud?.diskGiB ?? DEFAULT_DISK_GIB),
        managedDisk: { storageAccountType: 'StandardSSD_LRS' },
      },
    },
    osProfile: {
      ...{ computerName: name, adminUsername: user },
      linuxConfiguration: {
        disablePasswordAuthentication: true,
        ssh: { publicKeys: [{ path: `/home/${user}/.ssh/authorized_keys`, keyData: context.publicKey() }] },
      },
      customData: Buffer.from(bootScript(user, (spec.driver ?? 'rke') === 'rke')).toString('base64'),
    },
    networkProfile: {
      networkApiVersion: NETWORK_API,
      networkInterfaceConfigurations: [
        {
          ...{ name, primary: true, deleteOption: 'Delete' },
          ipConfigurations: [
            {
              ...{ name, primary: true, subnet: { id: groundwork.subnet ?? '' } },
              publicIPAddressConfiguration: {
                ...{ name, deleteOption: 'Delete', publicIPAllocationMethod: 'Static' },
                sku: { name: 'Standard' },
              },
            },
          ],
        },
      ],
    },
    ...(cloud?.spot === true ? { priority: 'Spot', evictionPolicy: 'Delete', billingProfile: { maxPrice: -1 } } : {}),
  };
}
