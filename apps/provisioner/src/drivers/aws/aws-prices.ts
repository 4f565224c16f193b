/**
 * On-demand prices, in US dollars per hour, of which EC2's own API tells none. For ranking, not a bill: the list price of the first size of
 * a family in us-east-1, the sizes of a family by their processors, other regions by their usual distance. What the installation's own
 * list says (SKYFLOW_AWS_PRICES) comes before it. Spot prices are asked for and are exact.
 */

/** Per vCPU in us-east-1. */
const PER_CPU: Readonly<Record<string, number>> = {
  c5: 0.0425,
  c5a: 0.0385,
  c6a: 0.03825,
  c6i: 0.0425,
  c7i: 0.044625,
  m5: 0.048,
  m5a: 0.043,
  m6a: 0.0432,
  m6i: 0.048,
  m7i: 0.0504,
  r5: 0.063,
  r5a: 0.0565,
  r6a: 0.0567,
  r6i: 0.063,
  r7i: 0.06615,
};

/** Types whose accelerators make the price. */
const BY_TYPE: Readonly<Record<string, number>> = {
  'g4dn.xlarge': 0.526,
  'g4dn.2xlarge': 0.752,
  'g4dn.4xlarge': 1.204,
  'g4dn.8xlarge': 2.176,
  'g4dn.12xlarge': 3.912,
  'g4dn.16xlarge': 4.352,
  'g5.xlarge': 1.006,
  'g5.2xlarge': 1.212,
  'g5.4xlarge': 1.624,
  'g5.8xlarge': 2.448,
  'g5.12xlarge': 5.672,
  'g5.48xlarge': 16.288,
  'p3.2xlarge': 3.06,
  'p3.8xlarge': 12.24,
  'p3.16xlarge': 24.48,
};

/** Against us-east-1. */
const REGION_FACTOR: Readonly<Record<string, number>> = {
  'us-east-1': 1,
  'us-east-2': 1,
  'us-west-2': 1,
  'ca-central-1': 1.11,
  'eu-west-1': 1.115,
  'eu-west-2': 1.156,
  'eu-west-3': 1.167,
  'eu-central-1': 1.198,
  'eu-north-1': 1.063,
  'ap-south-1': 1.052,
  'ap-northeast-1': 1.292,
  'ap-southeast-1': 1.25,
  'ap-southeast-2': 1.25,
  'us-west-1': 1.167,
  'sa-east-1': 1.594,
};
/** Of a region that is not in the list: dear, so that a known one comes first. */
const UNKNOWN_REGION = 1.6;

/** Undefined: nobody here knows. */
export function onDemandPrice(
  own: Readonly<Record<string, Readonly<Record<string, number>>>>,
  region: string,
  type: string,
  cpus: number,
): number | undefined {
  const given = own[region]?.[type];
  if (given !== undefined) return given;
  const [family = ''] = type.split('.');
  const perCpu = PER_CPU[family];
  const base = BY_TYPE[type] ?? (perCpu === undefined ? undefined : perCpu * cpus);
  if (base === undefined) return undefined;
  return Math.round(base * (REGION_FACTOR[region] ?? UNKNOWN_REGION) * 10_000) / 10_000;
}
