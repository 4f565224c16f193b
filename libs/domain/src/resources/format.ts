/** Amounts as text. `format…` is exact and parses back to the same amount; `human…` is rounded, for people. */

const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** Millicores in Kubernetes' canonical form: 2000 → `2`, 1930 → `1930m`. */
export const formatCpu = (millicores: number): string =>
  millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;

/** Bytes with the largest binary suffix that loses nothing: 1610612736 → `1536Mi`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (value !== 0 && value % 1024 === 0 && power < BINARY_SUFFIXES.length - 1) {
    value /= 1024;
    power++;
  }
  return `${plain(value)}${BINARY_SUFFIXES[power] ?? ''}`;
}

/** Bytes for people, two decimals at most: 1610612736 → `1.5Gi`. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (value >= 1024 && power < BINARY_SUFFIXES.length - 1) {
    value /= 1024;
    power++;
  }
  return `${Math.round(value * 100) / 100}${BINARY_SUFFIXES[power] ?? ''}`;
}

/** An amount of a resource for messages: cpu in millicores (`3000m`), memory and storage in bytes (`1.5Gi`), others as a count. */
export function humanAmount(resource: string, amount: number): string {
  if (resource === 'cpu') return `${amount}m`;
  return isByteResource(resource) ? humanBytes(amount) : String(amount);
}

const isByteResource = (resource: string): boolean =>
  resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-');

/** Without exponent, whatever the size. */
const plain = (value: number): string => (Number.isInteger(value) ? BigInt(value).toString() : String(value));
