/**
 * What the machines of a cluster share in a region: two firewall rules of their own, by names that are worked out, and the image and subnet
 * that they are asked for with. Their key is in their metadata. All of it may be laid and cleared again and again.
 */
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import { ProvisionError } from '../../provision-error.js';
import type { ListedMachine } from '@skyflow/domain';
import type { MachineContext } from '../machine-driver.js';
import { type GcpClient, lastPart } from './gcp-client.js';
import { isAbsent, isThereAlready } from './gcp-errors.js';
import { groundName, requestIdOf } from './gcp-names.js';
import type { GcpOptions } from './gcp-options.js';

type Firewall = compute_v1.Schema$Firewall;

const KUBERNETES_API = 6443;
const RULES = ['nodes', 'open'] as const;

export async function layGroundwork(
  client: GcpClient,
  region: string,
  context: MachineContext,
  options: GcpOptions,
): Promise<Record<string, string>> {
  const tag = groundName(context);
  const network = `global/networks/${options.network}`;
  for (const rule of rulesOf(tag, network, context, options)) await openFirewall(client, rule, context);
  const { signal } = context;
  const subnetwork = await subnetOf(client, region, options.network, signal);
  return { region, tag, network, subnetwork, image: await imageOf(client, options.image, signal) };
}

/** Nodes of one cluster talk to one another as they like; the world reaches a few ports. */
function rulesOf(tag: string, network: string, context: MachineContext, options: GcpOptions): Firewall[] {
  const { cluster, owner, spec } = context;
  const ports = new Set([options.port, KUBERNETES_API, ...(spec.cloud?.ports ?? [])]);
  const both = {
    network,
    description: `SkyFlow cluster ${cluster.name} (${cluster.uid}) of ${owner}`,
    direction: 'INGRESS',
    targetTags: [tag],
  };
  return [
    { ...both, name: `${tag}-nodes`, sourceTags: [tag], allowed: [{ IPProtocol: 'all' }] },
    {
      ...both,
      name: `${tag}-open`,
      sourceRanges: [options.openTo],
      allowed: [{ IPProtocol: 'tcp', ports: [...ports].map(String) }],
    },
  ];
}

async function openFirewall(client: GcpClient, rule: Firewall, { cluster, signal }: MachineContext): Promise<void> {
  try {
    const requestId = requestIdOf(`${cluster.uid}/${rule.name ?? ''}/${JSON.stringify(rule)}`);
    const operation = await client.call(signal, ({ compute, project, with: options }) =>
      compute.firewalls.insert({ project, requestId, requestBody: rule }, options),
    );
    await client.finish(operation, signal);
  } catch (error) {
    // Its name has the uid of the cluster in it: it is ours, made before an answer was lost.
    if (!isThereAlready(error)) throw error;
  }
}

/** Of the network, in the region. */
async function subnetOf(client: GcpClient, region: string, network: string, signal: AbortSignal): Promise<string> {
  const { items } = await client.call(signal, ({ compute, project, with: options }) =>
    compute.subnetworks.list({ project, region, maxResults: 500 }, options),
  );
  const found = (items ?? []).find((subnet) => lastPart(subnet.network ?? '') === network);
  if (found !== undefined) return `regions/${region}/subnetworks/${found.name ?? ''}`;
  throw new ProvisionError(
    'config',
    `network ${network} has no subnet in ${region}`,
    'make one, or name another network in SKYFLOW_GCP_NETWORK',
  );
}

/** Pinned: machines of one cluster have the same, also those that come later. */
async function imageOf(client: GcpClient, image: string, signal: AbortSignal): Promise<string> {
  const [, project = '', family] = /^projects\/([^/]+)\/global\/images\/(?:family\/(.+))?/.exec(image) ?? [];
  if (family === undefined) return image;
  try {
    const found = await client.call(signal, ({ compute, with: options }) =>
      compute.images.getFromFamily({ project, family }, options),
    );
    return `projects/${project}/global/images/${found.name ?? ''}`;
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new ProvisionError('config', `there is no image ${image}`, 'name another in SKYFLOW_GCP_IMAGE');
  }
}

/** Rules are of no region, and have no labels: whose they are is in their description. */
export async function firewallsOf(client: GcpClient, owner: string, signal: AbortSignal): Promise<ListedMachine[]> {
  const rules: ListedMachine[] = [];
  let pageToken: string | undefined;
  do {
    const at = pageToken === undefined || pageToken === '' ? {} : { pageToken };
    const page = await client.call(signal, ({ compute, project, with: options }) =>
      compute.firewalls.list({ project, ...at }, options),
    );
    for (const { name = '', description } of page.items ?? []) {
      const [, clusterName = '', cluster = '', of] = OWN.exec(description ?? '') ?? [];
      if (of === owner) rules.push({ id: name ?? '', name: name ?? '', cluster, clusterName, ground: true });
    }
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken !== undefined && pageToken !== '');
  return rules;
}

const OWN = /^SkyFlow cluster (\S+) \((\S+)\) of (.+)$/;

/** Resolves when there are none. */
export async function clearGroundwork(client: GcpClient, context: MachineContext): Promise<void> {
  for (const rule of RULES) await deleteFirewall(client, `${groundName(context)}-${rule}`, context.signal);
}

/** Resolves when it is not there. */
export async function deleteFirewall(client: GcpClient, firewall: string, signal: AbortSignal): Promise<void> {
  try {
    const operation = await client.call(signal, ({ compute, project, with: options }) =>
      compute.firewalls.delete({ project, firewall }, options),
    );
    await client.finish(operation, signal);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
