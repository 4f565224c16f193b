/** Which versions run side by side. Pure. */
import { versionWithLevel } from './features.js';

export interface ServiceVersion {
  name: string;
  version: string;
  /** Feature level that it reads; absent: it, or its gateway, is from before there were levels. */
  level?: number;
}

/** One line while all are of skyctl's version; else who has which: an upgrade that goes on, or one that stopped half-way. */
export function skewOf(client: string, services: readonly ServiceVersion[], what = 'Services'): string[] {
  const levels = new Set(services.map(({ level }) => level));
  // Of one version, those that work at the level of an older one are told apart.
  const versions = Map.groupBy(services, ({ version, level }) =>
    levels.size > 1 ? versionWithLevel(version, level) : version,
  );
  if (versions.size === 0) return [];
  if (versions.size === 1 && versions.has(client)) return [`${what}: all ${services.length} are ${client}`];
  const lines = [...versions]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([version, of]) => `  ${version}: ${named([...Map.groupBy(of, ({ name }) => name)].map(counted))}`);
  const apart = versions.size === 1 ? 'another version than skyctl' : `${versions.size} versions`;
  return [`${what}: ${apart}`, ...lines];
}

const counted = ([name, of]: [string, readonly unknown[]]): string => (of.length > 1 ? `${name} × ${of.length}` : name);

/** Of a large fleet some names are enough. */
const NAMES_SHOWN = 8;
const named = (names: readonly string[]): string =>
  names.length <= NAMES_SHOWN
    ? names.join(', ')
    : `${names.slice(0, NAMES_SHOWN).join(', ')} and ${names.length - NAMES_SHOWN} more`;

/** Minor versions that may lie between skyctl and a gateway, and between a gateway and another service; as kubectl has it. */
const MINORS_APART = 1;
const GATEWAY = 'api-gateway';

/**
 * A line for each pair that is further apart than that. Versions that are none (a build of one's own) are not compared.
 * @param agents by name of their cluster
 */
export function skewWarnings(
  client: string,
  services: readonly ServiceVersion[],
  agents: readonly ServiceVersion[] = [],
): string[] {
  const gateways = versionsOf(services.filter(({ name }) => name === GATEWAY));
  const said = [...services, ...agents.map(({ name, version }) => ({ name: `the agent of ${name}`, version }))];
  const others = [...Map.groupBy(said, ({ name }) => name)].filter(([name]) => name !== GATEWAY);
  const pairs = gateways.flatMap((gateway) => [
    ['skyctl', client, gateway] as const,
    ...others.flatMap(([name, of]) => versionsOf(of).map((version) => [name, version, gateway] as const)),
  ]);
  return pairs
    .filter(([, one, other]) => isFurtherApart(one, other))
    .map(
      ([name, one, other]) =>
        `version difference between ${name} (${one}) and the gateway (${other}) exceeds the supported minor version skew of +/-${MINORS_APART}`,
    );
}

const versionsOf = (services: readonly ServiceVersion[]): string[] => [
  ...new Set(services.map(({ version }) => version)),
];

function isFurtherApart(one: string, other: string): boolean {
  const [a, b] = [/^v?(\d+)\.(\d+)\./.exec(one), /^v?(\d+)\.(\d+)\./.exec(other)];
  if (a === null || b === null) return false;
  return a[1] !== b[1] || Math.abs(Number(a[2]) - Number(b[2])) > MINORS_APART;
}
