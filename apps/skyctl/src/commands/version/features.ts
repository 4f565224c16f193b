/** The feature level as `skyctl version` shows it: what is in force, who holds it back, what is off. Pure. */

/** `features` of `/status`; absent: a gateway from before there were levels. */
export interface FeatureReport {
  inForce: number;
  reads: number;
  heldBackBy: readonly { who: string; version?: string; level?: number; why: string }[];
  off: readonly string[];
}

/** Names of those that hold it back, as far as they are shown. */
const HOLDERS_SHOWN = 8;

export function featureLines({ inForce, reads, heldBackBy, off }: FeatureReport): string[] {
  if (heldBackBy.length === 0 && off.length === 0) return [`Features: level ${inForce}, all are on`];
  const shown = heldBackBy.slice(0, HOLDERS_SHOWN).map(holderLine);
  const more = heldBackBy.length - shown.length;
  return [
    `Features: level ${inForce} is in force, the gateway reads level ${reads}`,
    ...(off.length === 0 ? [] : [`  off: ${off.join(', ')}`]),
    ...(shown.length === 0 ? [] : ['  held back by:']),
    ...shown,
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

const holderLine = ({ who, version, why }: FeatureReport['heldBackBy'][number]): string =>
  `    ${who === 'time' ? why : `${who}${version === undefined ? '' : ` (${version})`} ${why}`}`;

/** One that reads another level than the others of its version says so. */
export const versionWithLevel = (version: string, level: number | undefined): string =>
  level === undefined ? version : `${version} (level ${level})`;
