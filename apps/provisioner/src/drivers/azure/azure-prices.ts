/**
 * Prices per hour in US dollars, of which Resource Manager tells none. For ranking, not a bill: list prices of East US by processor, other
 * regions by their usual distance, spot at a cautious discount. What the installation's own list says (SKYFLOW_AZURE_PRICES) comes before it.
 */
import type { Prices } from '../prices-file.js';

/** Per vCPU in eastus, by what a size is called without its number: `Standard_D8as_v5` is `Das_v5`. */
const PER_CPU: Readonly<Record<string, number>> = {
  Das_v5: 0.043,
  Ds_v3: 0.048,
  Ds_v4: 0.048,
  Ds_v5: 0.048,
  Eas_v5: 0.0565,
  Es_v3: 0.063,
  Es_v5: 0.063,
  Fs_v2: 0.0423,
};

/** Sizes whose accelerators make the price. */
const BY_SIZE: Readonly<Record<string, number>> = {
  Standard_NC4as_T4_v3: 0.526,
  Standard_NC8as_T4_v3: 0.752,
  Standard_NC16as_T4_v3: 1.204,
  Standard_NC64as_T4_v3: 4.352,
  Standard_NC6s_v3: 3.06,
  Standard_NC12s_v3: 6.12,
  Standard_NC24s_v3: 12.24,
  Standard_NC24ads_A100_v4: 3.673,
  Standard_NC48ads_A100_v4: 7.346,
  Standard_NC96ads_A100_v4: 14.692,
};

/** Against eastus. */
const REGION_FACTOR: Readonly<Record<string, number>> = {
  eastus: 1,
  eastus2: 1,
  westus2: 1,
  westus3: 1,
  centralus: 1.1,
  northeurope: 1.115,
  westeurope: 1.198,
  uksouth: 1.156,
  francecentral: 1.167,
  germanywestcentral: 1.198,
  swedencentral: 1.063,
  southeastasia: 1.25,
  japaneast: 1.29,
  australiaeast: 1.25,
  brazilsouth: 1.6,
};
/** Of a region that is not in the list: dear, so that a known one comes first. */
const UNKNOWN_REGION = 1.6;
const SPOT = 0.4;

/** Undefined: nobody here knows. */
export function azurePrice(
  own: Prices,
  { region, type, cpus, spot }: { region: string; type: string; cpus: number; spot: boolean },
): number | undefined {
  const given = own[region]?.[type];
  if (given !== undefined) return given;
  const [, letters = '', rest = ''] = /^Standard_([A-Z]+)\d+([a-z]*(?:_v\d+)?)$/.exec(type) ?? [];
  const perCpu = PER_CPU[`${letters}${rest}`];
  const base = BY_SIZE[type] ?? (perCpu === undefined ? undefined : perCpu * cpus);
  if (base === undefined) return undefined;
  return Math.round(base * (REGION_FACTOR[region] ?? UNKNOWN_REGION) * (spot ? SPOT : 1) * 10_000) / 10_000;
}
