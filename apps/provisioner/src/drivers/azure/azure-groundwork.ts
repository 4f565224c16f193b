/**
 * What the machines of a cluster share in a region: a resource group, and in it a firewall and a network. Everything of the cluster is in the
 * group, so that its deletion leaves nothing behind. All of it may be laid and cleared again and again.
 */
import type { NetworkSecurityGroup } from '@azure/arm-network';
import type { ListedMachine } from '@skyflow/domain';
import type { MachineContext } from '../machine-driver.js';
import type { AzureAccount } from './azure-account.js';
import { isAbsent } from './azure-errors.js';
import { groupName, tagsOf } from './azure-names.js';
import type { AzureOptions } from './azure-options.js';

const KUBERNETES_API = 6443;
const NETWORK = 'skyflow';
const SUBNET = 'nodes';
/** Of the nodes: unlike the ranges that pods and services get. */
const ADDRESSES = '10.224.0.0/16';
const FIRST_PRIORITY = 1_000;

export async function layGroundwork(
  account: AzureAccount,
  region: string,
  context: MachineContext,
  options: Pick<AzureOptions, 'openTo' | 'port' | 'image'>,
): Promise<Record<string, string>> {
  const { signal } = context;
  const group = groupName(context);
  const tags = tagsOf(context);
  await account.call(signal, ({ resources }, with_) =>
    resources.resourceGroups.createOrUpdate(group, { location: region, tags }, with_),
  );
  const firewall = await account.call(signal, ({ network }, with_) =>
    network.networkSecurityGroups.createOrUpdate(group, NETWORK, firewallOf(region, context, options), with_),
  );
  await account.call(signal, ({ network }, with_) =>
    network.virtualNetworks.createOrUpdate(
      group,
      NETWORK,
      {
        ...{ location: region, tags, addressSpace: { addressPrefixes: [ADDRESSES] } },
        subnets: [
          {
            name: SUBNET,
            addressPrefix: ADDRESSES,
            networkSecurityGroup: firewall.id === undefined ? {} : { id: firewall.id },
          },
        ],
      },
      with_,
    ),
  );
  const { subscription } = await account.call(signal, (clients) => Promise.resolve(clients));
  const root = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network`;
  return { region, group, subnet: `${root}/virtualNetworks/${NETWORK}/subnets/${SUBNET}`, image: options.image };
}

/** Nodes of one network talk to one another by Azure's own rules; the world reaches a few ports. */
function firewallOf(
  location: string,
  context: MachineContext,
  { openTo, port }: Pick<AzureOptions, 'openTo' | 'port'>,
): NetworkSecurityGroup {
  const ports = new Set([port, KUBERNETES_API, ...(context.spec.cloud?.ports ?? [])]);
  return {
    ...{ location, tags: tagsOf(context) },
    securityRules: [...ports].map((each, index) => ({
      ...{ name: `port-${String(each)}`, priority: FIRST_PRIORITY + index, direction: 'Inbound', access: 'Allow' },
      ...{ protocol: 'Tcp', sourceAddressPrefix: openTo, sourcePortRange: '*' },
      ...{ destinationAddressPrefix: '*', destinationPortRange: String(each) },
    })),
  };
}

/** Groups of clusters in a region, by the mark of the installation. */
export async function groupsOf(
  account: AzureAccount,
  region: string,
  owner: string,
  signal: AbortSignal,
): Promise<ListedMachine[]> {
  const groups = await account.list(signal, ({ resources }, with_) =>
    resources.resourceGroups.list({ ...with_, filter: `tagName eq 'skyflow-owner' and tagValue eq '${owner}'` }),
  );
  return groups
    .filter(({ location, tags }) => location === region && tags?.['skyflow-owner'] === owner)
    .map(({ name = '', tags = {} }) => ({
      ...{ id: name, name, ground: true as const },
      cluster: tags['skyflow-cluster'] ?? '',
      clusterName: tags['skyflow-cluster-name'] ?? '',
    }));
}

export const clearGroundwork = (account: AzureAccount, context: MachineContext): Promise<void> =>
  deleteGroup(account, groupName(context), context);

/** Resolves when the group and all that is in it are gone. */
export async function deleteGroup(
  account: AzureAccount,
  group: string,
  { signal, owner }: Pick<MachineContext, 'signal' | 'owner'>,
): Promise<void> {
  try {
    const found = await account.call(signal, ({ resources }, with_) => resources.resourceGroups.get(group, with_));
    // Its name has the uid of the cluster in it; a group that others have made by this name stays.
    if (found.tags?.['skyflow-owner'] !== owner) return;
    await account.call(signal, async ({ resources }, with_) => resources.resourceGroups.delete(group, with_));
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
