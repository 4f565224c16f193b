/** What EC2 has that is enough for a cluster: types by processors, memory and accelerators, in the zones that have them, with prices. */
import type { _InstanceType, EC2, Filter, InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { ProvisionCloud, ProvisionOffer } from '@skyflow/contracts';
import { onDemandPrice } from './aws-prices.js';
import type { AwsOptions } from './aws-options.js';

/** Types that are looked at further, of those that are enough: the smallest. */
const MOST_TYPES = 12;
/** Offers that are kept, of all zones of a region. */
const MOST_OFFERS = 36;
const PAGE = 100;

export async function offersIn(
  ec2: EC2,
  region: string,
  cloud: ProvisionCloud,
  { prices }: Pick<AwsOptions, 'prices'>,
  abortSignal: AbortSignal,
): Promise<ProvisionOffer[]> {
  const types = (await typesOf(ec2, cloud, abortSignal)).filter((type) => isEnough(type, cloud));
  const smallest = types.sort(bySize).slice(0, MOST_TYPES);
  if (smallest.length === 0) return [];
  const zones = await zonesOf(ec2, smallest, cloud, abortSignal);
  const spot = cloud.spot === true ? await spotPrices(ec2, smallest, abortSignal) : undefined;
  const offers = smallest.flatMap((info): ProvisionOffer[] => {
    const type = info.InstanceType ?? '';
    const cpus = info.VCpuInfo?.DefaultVCpus ?? 0;
    return (zones.get(type) ?? []).map((zone) => {
      const hourly = spot === undefined ? onDemandPrice(prices, region, type, cpus) : spot.get(`${zone}/${type}`);
      return {
        ...{ provider: 'aws', region, zone, type, cpus },
        memoryGiB: (info.MemoryInfo?.SizeInMiB ?? 0) / 1024,
        ...acceleratorsOf(info),
        hourly: hourly ?? 0,
        ...(hourly === undefined ? { refused: NO_PRICE } : {}),
      };
    });
  });
  return offers
    .sort((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined) || a.hourly - b.hourly)
    .slice(0, MOST_OFFERS);
}

const NO_PRICE = 'no price is known of it; name one in SKYFLOW_AWS_PRICES';

async function typesOf(ec2: EC2, { spot }: ProvisionCloud, abortSignal: AbortSignal): Promise<InstanceTypeInfo[]> {
  const filters: Filter[] = [
    { Name: 'processor-info.supported-architecture', Values: ['x86_64'] },
    { Name: 'supported-usage-class', Values: [spot === true ? 'spot' : 'on-demand'] },
    { Name: 'current-generation', Values: ['true'] },
    { Name: 'bare-metal', Values: ['false'] },
    // A control plane whose processor credits are used up stands still.
    { Name: 'burstable-performance-supported', Values: ['false'] },
  ];
  const types: InstanceTypeInfo[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.describeInstanceTypes(
      { Filters: filters, MaxResults: PAGE, ...(NextToken === undefined ? {} : { NextToken }) },
      { abortSignal },
    );
    types.push(...(page.InstanceTypes ?? []));
    ({ NextToken } = page);
  } while (NextToken !== undefined && NextToken !== '');
  return types;
}

function isEnough(info: InstanceTypeInfo, { cpus, memoryGiB, accelerators }: ProvisionCloud): boolean {
  if ((info.VCpuInfo?.DefaultVCpus ?? 0) < cpus) return false;
  if ((info.MemoryInfo?.SizeInMiB ?? 0) < memoryGiB * 1024) return false;
  if (accelerators === undefined) return info.GpuInfo === undefined;
  const [name = '', count = '1'] = accelerators.split(':');
  return (info.GpuInfo?.Gpus ?? []).some(
    (gpu) => gpu.Name?.toLowerCase() === name.toLowerCase() && (gpu.Count ?? 0) >= Number(count),
  );
}

const bySize = (a: InstanceTypeInfo, b: InstanceTypeInfo): number =>
  (a.VCpuInfo?.DefaultVCpus ?? 0) - (b.VCpuInfo?.DefaultVCpus ?? 0) ||
  (a.MemoryInfo?.SizeInMiB ?? 0) - (b.MemoryInfo?.SizeInMiB ?? 0) ||
  ((a.InstanceType ?? '') < (b.InstanceType ?? '') ? -1 : 1);

function acceleratorsOf({ GpuInfo }: InstanceTypeInfo): Pick<ProvisionOffer, 'accelerators'> {
  const [gpu] = GpuInfo?.Gpus ?? [];
  return gpu === undefined ? {} : { accelerators: `${gpu.Name ?? ''}:${String(gpu.Count ?? 1)}` };
}

const namesOf = (types: readonly InstanceTypeInfo[]): _InstanceType[] =>
  types.flatMap(({ InstanceType }) => (InstanceType === undefined ? [] : [InstanceType]));

/** Zones by type. */
async function zonesOf(
  ec2: EC2,
  types: readonly InstanceTypeInfo[],
  { zone }: ProvisionCloud,
  abortSignal: AbortSignal,
): Promise<Map<string, string[]>> {
  const zones = new Map<string, string[]>();
  let NextToken: string | undefined;
  do {
    const page = await ec2.describeInstanceTypeOfferings(
      {
        LocationType: 'availability-zone',
        Filters: [
          { Name: 'instance-type', Values: namesOf(types) },
          ...(zone === undefined ? [] : [{ Name: 'location', Values: [zone] }]),
        ],
        ...(NextToken === undefined ? {} : { NextToken }),
      },
      { abortSignal },
    );
    for (const { InstanceType: type = '', Location = '' } of page.InstanceTypeOfferings ?? []) {
      zones.set(type, [...(zones.get(type) ?? []), Location]);
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined && NextToken !== '');
  return zones;
}

/** The newest of each `zone/type`. */
async function spotPrices(
  ec2: EC2,
  types: readonly InstanceTypeInfo[],
  abortSignal: AbortSignal,
): Promise<Map<string, number>> {
  const { SpotPriceHistory = [] } = await ec2.describeSpotPriceHistory(
    { InstanceTypes: namesOf(types), ProductDescriptions: ['Linux/UNIX'], StartTime: new Date(), MaxResults: 1_000 },
    { abortSignal },
  );
  const prices = new Map<string, number>();
  for (const { AvailabilityZone = '', InstanceType = '', SpotPrice } of SpotPriceHistory) {
    const key = `${AvailabilityZone}/${InstanceType}`;
    if (!prices.has(key)) prices.set(key, Number(SpotPrice));
  }
  return prices;
}
