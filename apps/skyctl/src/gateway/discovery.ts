/** From a word or an apiVersion and kind to what the server serves. Asks the server only for what is not always there. */
import { CliError } from '../cli/cli-error.js';
import { EXIT } from '../cli/exit-codes.js';
import { closest } from '../cli/suggestion.js';
import type { GatewayClient } from './gateway-client.js';
import { KNOWN_KINDS, apiVersionOf, means } from './kinds.js';
import type { ResourceKind } from './kinds.js';

/** meta/v1 APIResource. */
interface ApiResource {
  name: string;
  singularName?: string;
  kind: string;
  namespaced: boolean;
  shortNames?: string[];
  verbs?: string[];
}

/** @throws CliError (not found) that names the closest kinds. */
export async function resolveKind(word: string, gateway: GatewayClient): Promise<ResourceKind> {
  const known = KNOWN_KINDS.find((kind) => means(word, kind));
  if (known !== undefined) return known;
  const served = await servedKinds(gateway);
  const found = served.find((kind) => means(word, kind));
  if (found !== undefined) return found;
  const words = [...KNOWN_KINDS, ...served].flatMap((kind) => [kind.plural, kind.singular, ...kind.shortNames]);
  const near = closest(word.toLowerCase(), words);
  throw new CliError({
    code: EXIT.notFound,
    summary: `there is no kind "${word}"`,
    hint: `${near === undefined ? '' : `did you mean ${near}? `}"skyctl api-resources" lists what there is`,
  });
}

/** Undefined: this server does not serve it. */
export async function resolveType(
  apiVersion: string,
  kind: string,
  gateway: GatewayClient,
): Promise<ResourceKind | undefined> {
  const matches = (candidate: ResourceKind): boolean =>
    apiVersionOf(candidate) === apiVersion && candidate.kind === kind;
  return KNOWN_KINDS.find(matches) ?? (await kindsOf(apiVersion, gateway)).find(matches);
}

/** Every kind that can be listed, of every group in its preferred version. */
export async function servedKinds(gateway: GatewayClient): Promise<ResourceKind[]> {
  const { body } = await gateway.json<{ groups?: { preferredVersion: { groupVersion: string } }[] }>({ path: '/apis' });
  const versions = ['v1', ...(body.groups ?? []).map((group) => group.preferredVersion.groupVersion)];
  return (await Promise.all(versions.map((version) => kindsOf(version, gateway)))).flat();
}

/** `Job (skyflow.io/v1), ConfigMap (v1), …` */
export function kindNames(kinds: readonly ResourceKind[]): string {
  return [...new Set(kinds.map((kind) => `${kind.kind} (${apiVersionOf(kind)})`))].join(', ');
}

async function kindsOf(apiVersion: string, gateway: GatewayClient): Promise<ResourceKind[]> {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  if (version === undefined || group === undefined) return [];
  const path = `${group === '' ? '/api' : `/apis/${encodeURIComponent(group)}`}/${encodeURIComponent(version)}`;
  try {
    const { body } = await gateway.json<{ resources?: ApiResource[] }>({ path });
    return (body.resources ?? [])
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, singularName, kind, namespaced, shortNames = [], verbs = [] }) => ({
        group,
        version,
        kind,
        plural: name,
        singular: singularName ?? kind.toLowerCase(),
        shortNames,
        namespaced,
        verbs,
      }));
  } catch (error) {
    if (error instanceof CliError && error.code === EXIT.notFound) return [];
    throw error;
  }
}
