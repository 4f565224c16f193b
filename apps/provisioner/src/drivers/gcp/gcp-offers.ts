/** What Compute Engine has that is enough for a cluster: types by processors, memory and accelerators, zone by zone, with prices. */
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import type { ProvisionCloud, ProvisionOffer } from '@skyflow/contracts';
import { ProvisionError } from '../../provision-error.js';
import {
  type GcpAccelerator,
  acceleratorWords,
  builtIn,
  isSameType,
  takesAccelerators,
  wantedAccelerator,
} from './gcp-accelerators.js';
import { type Call, type GcpClient, lastPart } from './gcp-client.js';
import type { GcpOptions } from './gcp-options.js';
import { gcpPrice } from './gcp-prices.js';

type MachineType = compute_v1.Schema$MachineType;

/** Types of a zone that are offered, of those that are enough: the smallest. */
const MOST_TYPES = 12;
/** Offers that are kept, of all zones of a region. */
const MOST_OFFERS = 36;
const PAGE = 500;
const NO_PRICE = 'no price is known of it; name one in SKYFLOW_GCP_PRICES';

/** @throws ProvisionError for a region that is none; what the SDK throws */
export async function offersIn(
  client: GcpClient,
  region: string,
  cloud: ProvisionCloud,
  { prices }: Pick<GcpOptions, 'prices'>,
  signal: AbortSignal,
): Promise<ProvisionOffer[]> {
  const zones = await zonesOf(client, region, signal);
  if (zones.length === 0) {
    const advice = 'name a region as "gcloud compute regions list" has it, such as europe-west1';
    throw new ProvisionError('config', `Google Cloud has no region ${region}`, advice);
  }
  const wanted = zones.filter((zone) => cloud.zone === undefined || zone === cloud.zone);
  const offers = await Promise.all(
    wanted.map(async (zone) => {
      const found = await typesIn(client, zone, cloud, signal);
      return found.map(({ type, added }) => offerOf(type, added, { region, zone, cloud, prices }));
    }),
  );
  return offers
    .flat()
    .sort((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined) || a.hourly - b.hourly)
    .slice(0, MOST_OFFERS);
}

async function zonesOf(client: GcpClient, region: string, signal: AbortSignal): Promise<string[]> {
  const zones = await pagesOf((pageToken) =>
    client.call(signal, ({ compute, project, with: options }) =>
      compute.zones.list({ project, maxResults: PAGE, ...pageToken }, options),
    ),
  );
  return zones
    .filter((zone) => lastPart(zone.region ?? '') === region && zone.status !== 'DOWN')
    .map(({ name }) => name ?? '');
}

interface Found {
  type: MachineType;
  /** That must be put into it. */
  added?: GcpAccelerator;
}

async function typesIn(client: GcpClient, zone: string, cloud: ProvisionCloud, signal: AbortSignal): Promise<Found[]> {
  const list = ({ compute, project, with: options }: Call, pageToken: { pageToken?: string }) =>
    compute.machineTypes.list({ project, zone, maxResults: PAGE, ...pageToken }, options);
  const types = await pagesOf((pageToken) => client.call(signal, (call) => list(call, pageToken)));
  const wanted = wantedAccelerator(cloud);
  const addable = wanted === undefined ? undefined : await acceleratorIn(client, zone, wanted, signal);
  return types
    .filter((type) => isEnough(type, cloud))
    .flatMap((type): Found[] => {
      const has = builtIn(type);
      if (wanted === undefined) return has === undefined ? [{ type }] : [];
      if (has !== undefined) return isSameType(wanted.name, has.name) && has.count >= wanted.count ? [{ type }] : [];
      return addable !== undefined && takesAccelerators(type.name ?? '') ? [{ type, added: addable }] : [];
    })
    .sort((a, b) => bySize(a.type, b.type))
    .slice(0, MOST_TYPES);
}

/** Of the zone, of this type; undefined: it has none, or not so many in one machine. */
async function acceleratorIn(
  client: GcpClient,
  zone: string,
  wanted: GcpAccelerator,
  signal: AbortSignal,
): Promise<GcpAccelerator | undefined> {
  const types = await pagesOf((pageToken) =>
    client.call(signal, ({ compute, project, with: options }) =>
      compute.acceleratorTypes.list({ project, zone, maxResults: PAGE, ...pageToken }, options),
    ),
  );
  const found = types.find(
    ({ name, maximumCardsPerInstance: most }) => isSameType(wanted.name, name ?? '') && (most ?? 1) >= wanted.count,
  );
  return found?.name === undefined || found.name === null ? undefined : { name: found.name, count: wanted.count };
}

/** Shared processors stand still when their share is used up: nothing for a control plane. Images are of x86. */
const isEnough = (type: MachineType, { cpus, memoryGiB }: ProvisionCloud): boolean =>
  (type.guestCpus ?? 0) >= cpus &&
  (type.memoryMb ?? 0) >= memoryGiB * 1024 &&
  type.isSharedCpu !== true &&
  type.architecture !== 'ARM64' &&
  type.deprecated?.state === undefined &&
  !/-metal$/.test(type.name ?? '');

const bySize = (a: MachineType, b: MachineType): number =>
  (a.guestCpus ?? 0) - (b.guestCpus ?? 0) ||
  (a.memoryMb ?? 0) - (b.memoryMb ?? 0) ||
  ((a.name ?? '') < (b.name ?? '') ? -1 : 1);

function offerOf(
  type: MachineType,
  added: GcpAccelerator | undefined,
  of: { region: string; zone: string; cloud: ProvisionCloud } & Pick<GcpOptions, 'prices'>,
): ProvisionOffer {
  const { region, zone, cloud, prices } = of;
  const size = { type: type.name ?? '', cpus: type.guestCpus ?? 0, memoryGiB: (type.memoryMb ?? 0) / 1024 };
  const hourly = gcpPrice(prices, { region, ...size, added, spot: cloud.spot === true });
  const accelerator = builtIn(type) ?? added;
  return {
    ...{ provider: 'gcp', region, zone, ...size },
    ...(accelerator === undefined ? {} : { accelerators: acceleratorWords(accelerator) }),
    hourly: hourly ?? 0,
    ...(hourly === undefined ? { refused: NO_PRICE } : {}),
  };
}

interface Page<T> {
  items?: T[] | null;
  nextPageToken?: string | null;
}

/** All of them. */
async function pagesOf<T>(read: (page: { pageToken?: string }) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let pageToken: string | undefined;
  do {
    const page = await read(pageToken === undefined ? {} : { pageToken });
    all.push(...(page.items ?? []));
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken !== undefined && pageToken !== '');
  return all;
}
