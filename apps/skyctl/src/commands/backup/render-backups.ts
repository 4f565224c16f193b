/** Backups as people read them. */
import type { Manifest } from '@skyflow/event-log';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Of all pieces, as they are stored. */
export const sizeOf = ({ segments }: Manifest): string => sizeText(segments.reduce((sum, { bytes }) => sum + bytes, 0));

export function sizeText(ofBytes: number): string {
  let size = ofBytes;
  let unit = 0;
  for (; size >= 1024 && unit < UNITS.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

export const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
