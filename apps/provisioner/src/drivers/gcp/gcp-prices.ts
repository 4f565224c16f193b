/**
 * Prices per hour in US dollars, of which Compute Engine's own API tells none. For ranking, not a bill: list prices of us-central1 by
 * processor and by GiB, other regions by their usual distance, spot at the least discount that Google promises. What the installation's own
 * list says (SKYFLOW_GCP_PRICES) comes before it.
 */
import type { Prices } from '../prices-file.js';

/** Per vCPU and per GiB in us-central1. */
const PER: Readonly<Record<string, readonly [cpu: number, gib: number]>> = {
  c2: [0.03398, 0.00455],
  c2d: [0.029563, 0.003959],
  c3: [0.03398, 0.00456],
  e2: [0.021811, 0.002923],
  n1: [0.031611, 0.004237],
  n2: [0.031611, 0.004237],
  n2d: [0.027502, 0.003686],
  t2d: [0.027502, 0.003686],
};

/** Types that have their accelerators built in. */
const BY_TYPE: Readonly<Record<string, number>> = {
  'a2-highgpu-1g': 3.6734,
  'a2-highgpu-2g': 7.3468,
  'a2-highgpu-4g': 14.6935,
  'a2-highgpu-8g': 29.3871,
  'g2-standard-4': 0.7068,
  'g2-standard-8': 0.8536,
  'g2-standard-12': 1.0004,
  'g2-standard-16': 1.1472,
  'g2-standard-24': 2.0009,
  'g2-standard-32': 1.7344,
  'g2-standard-48': 4.0018,
  'g2-standard-96': 8.0035,
};

/** Of one accelerator that is put into a machine of n1. */
const BY_ACCELERATOR: Readonly<Record<string, number>> = {
  'nvidia-tesla-p100': 1.46,
  'nvidia-tesla-p4': 0.6,
  'nvidia-tesla-t4': 0.35,
  'nvidia-tesla-v100': 2.48,
};

/** Against us-central1. */
const REGION_FACTOR: Readonly<Record<string, number>> = {
  'us-central1': 1,
  'us-east1': 1,
  'us-west1': 1,
  'us-east4': 1.126,
  'us-west2': 1.201,
  'northamerica-northeast1': 1.101,
  'europe-west1': 1.1,
  'europe-west2': 1.288,
  'europe-west3': 1.288,
  'europe-west4': 1.101,
  'europe-north1': 1.101,
  'asia-south1': 1.201,
  'asia-east1': 1.158,
  'asia-northeast1': 1.285,
  'asia-southeast1': 1.234,
  'australia-southeast1': 1.419,
  'southamerica-east1': 1.587,
};
/** Of a region that is not in the list: dear, so that a known one comes first. */
const UNKNOWN_REGION = 1.6;
/** Spot machines cost at least 60 % less. */
const SPOT = 0.4;
/** Types of a family whose price is made of processors and memory alone. */
const PLAIN = /^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-\d+$/;

export interface PricedType {
  region: string;
  type: string;
  cpus: number;
  memoryGiB: number;
  /** Put into it, not built in. */
  added?: { name: string; count: number } | undefined;
  spot: boolean;
}

/** Undefined: nobody here knows. */
export function gcpPrice(own: Prices, { region, type, cpus, memoryGiB, added, spot }: PricedType): number | undefined {
  const given = own[region]?.[type];
  if (given !== undefined) return given;
  const [cpu, gib] = PER[PLAIN.exec(type)?.[1] ?? ''] ?? [];
  const machine = BY_TYPE[type] ?? (cpu === undefined || gib === undefined ? undefined : cpu * cpus + gib * memoryGiB);
  const accelerator = added === undefined ? 0 : BY_ACCELERATOR[added.name];
  if (machine === undefined || accelerator === undefined) return undefined;
  const price = (machine + accelerator * (added?.count ?? 0)) * (REGION_FACTOR[region] ?? UNKNOWN_REGION);
  return Math.round(price * (spot ? SPOT : 1) * 10_000) / 10_000;
}
