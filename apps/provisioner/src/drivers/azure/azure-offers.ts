/** What Azure has that is enough for a cluster: sizes by processors, memory and accelerators, in the zones that have them, with prices. */
import type { ResourceSku } from '@azure/arm-compute';
import type { ProvisionCloud, ProvisionOffer } from '@skyflow/contracts';
import { acceleratorNamed } from '@skyflow/domain';
import { ProvisionError } from '../../provision-error.js';
import type { AzureAccount } from './azure-account.js';
import { zoneName } from './azure-names.js';
import type { AzureOptions } from './azure-options.js';
import { azurePrice } from './azure-prices.js';

/** Sizes that are offered, of those that are enough: the smallest. */
const MOST_SIZES = 12;
/** Offers that are kept, of all zones of a region. */
const MOST_OFFERS = 36;
const NO_PRICE = 'no price is known of it; name one in SKYFLOW_AZURE_PRICES';

interface Size {
  type: string;
  cpus: number;
  memoryGiB: number;
  accelerator: { name: string; count: number } | undefined;
  zones: string[];
}

/** @throws ProvisionError for a region that is none; what the SDK throws */
export async function offersIn(
  account: AzureAccount,
  region: string,
  cloud: ProvisionCloud,
  { prices }: Pick<AzureOptions, 'prices'>,
  signal: AbortSignal,
): Promise<ProvisionOffer[]> {
  const skus = await account.list(signal, ({ compute }, options) =>
    compute.resourceSkus.list({ ...options, filter: `location eq '${region}'` }),
  );
  if (skus.length === 0) {
    const advice = 'name a region as "az account list-locations" has it, such as westeurope';
    throw new ProvisionError('config', `Azure has no region ${region}`, advice);
  }
  const spot = cloud.spot === true;
  const offers = skus
    .filter((sku) => sku.resourceType === 'virtualMachines' && isUsable(sku, spot))
    .map(sizeOf)
    .filter((size) => isEnough(size, cloud))
    .sort((a, b) => a.cpus - b.cpus || a.memoryGiB - b.memoryGiB || (a.type < b.type ? -1 : 1))
    .slice(0, MOST_SIZES)
    .flatMap(({ zones, accelerator, ...size }) =>
      zones
        .map((zone) => zoneName(region, zone))
        .filter((zone) => cloud.zone === undefined || zone === cloud.zone)
        .map((zone): ProvisionOffer => {
          const hourly = azurePrice(prices, { region, ...size, spot });
          return {
            ...{ provider: 'azure', region, zone, ...size },
            ...(accelerator === undefined ? {} : { accelerators: `${accelerator.name}:${String(accelerator.count)}` }),
            hourly: hourly ?? 0,
            ...(hourly === undefined ? { refused: NO_PRICE } : {}),
          };
        }),
    );
  return offers
    .sort((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined) || a.hourly - b.hourly)
    .slice(0, MOST_OFFERS);
}

const capability = ({ capabilities = [] }: ResourceSku, wanted: string): string | undefined =>
  capabilities.find(({ name }) => name === wanted)?.value;

/** Sizes of B have credits, and stand still without: nothing for a control plane. The image is of x64, generation 2. */
const isUsable = (sku: ResourceSku, spot: boolean): boolean =>
  !/^Standard_B/.test(sku.name ?? '') &&
  (capability(sku, 'CpuArchitectureType') ?? 'x64') === 'x64' &&
  (capability(sku, 'HyperVGenerations') ?? 'V2').includes('V2') &&
  (!spot || capability(sku, 'LowPriorityCapable') === 'True') &&
  // Nothing of it is for this subscription in the whole region.
  !(sku.restrictions ?? []).some(({ type }) => type === 'Location');

function sizeOf(sku: ResourceSku): Size {
  const type = sku.name ?? '';
  const closed = new Set((sku.restrictions ?? []).flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []));
  const gpus = Number(capability(sku, 'GPUs') ?? '0');
  return {
    type,
    cpus: Number(capability(sku, 'vCPUsAvailable') ?? capability(sku, 'vCPUs') ?? '0'),
    memoryGiB: Number(capability(sku, 'MemoryGB') ?? '0'),
    accelerator: gpus === 0 ? undefined : { name: acceleratorOf(type), count: gpus },
    zones: (sku.locationInfo?.[0]?.zones ?? []).filter((zone) => !closed.has(zone)).sort(),
  };
}

/** Azure tells how many there are; which ones only the name of the size says. */
function acceleratorOf(type: string): string {
  const [, named] = /_(T4|A10|A100|H100|H200|V620|MI300X)(?:_|$)/.exec(type) ?? [];
  if (named !== undefined) return named;
  if (/^Standard_NC\d+r?s_v3$/.test(type)) return 'V100';
  return 'unknown';
}

function isEnough(size: Size, { cpus, memoryGiB, accelerators }: ProvisionCloud): boolean {
  if (size.cpus < cpus || size.memoryGiB < memoryGiB) return false;
  const has = size.accelerator;
  if (accelerators === undefined) return has === undefined;
  const [name = '', count = '1'] = accelerators.split(':');
  const isSame = has?.name.toLowerCase() === name.toLowerCase() || isSameType(has?.name, name);
  return has !== undefined && isSame && has.count >= Number(count);
}

const isSameType = (one = '', other: string): boolean =>
  acceleratorNamed(one) !== undefined && acceleratorNamed(one) === acceleratorNamed(other);
