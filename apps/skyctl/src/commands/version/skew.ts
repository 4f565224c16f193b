/** Which versions run side by side. Pure. */

export interface ServiceVersion {
  name: string;
  version: string;
}

/** One line while all are of skyctl's version; else who has which: an upgrade that goes on, or one that stopped half-way. */
export function skewOf(client: string, services: readonly ServiceVersion[]): string[] {
  const versions = Map.groupBy(services, ({ version }) => version);
  if (versions.size === 0) return [];
  if (versions.size === 1 && versions.has(client)) return [`Services: all ${services.length} are ${client}`];
  const lines = [...versions]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([version, of]) => `  ${version}: ${[...Map.groupBy(of, ({ name }) => name)].map(counted).join(', ')}`);
  return [`Services: ${versions.size === 1 ? 'another version than skyctl' : `${versions.size} versions`}`, ...lines];
}

const counted = ([name, of]: [string, readonly unknown[]]): string => (of.length > 1 ? `${name} × ${of.length}` : name);
