/** The kinds that a stream is of, by the names that kubectl takes: `jobs`, `jobs.batch`, `deployments.v1.apps`. */
import { type ResourceDefinition, StatusError, badRequest, closestName } from '@skyflow/apimachinery';

/** More would be a stream of everything; each costs a watch. */
const MOST_KINDS = 32;

export interface StreamedKind {
  /** As the reader wrote it. */
  name: string;
  definition: ResourceDefinition;
}

/** @throws StatusError 400 for none, too many or the same one twice, 404 for one that is not served */
export function streamedKinds(text: string, definitions: readonly ResourceDefinition[]): StreamedKind[] {
  const names = text.split(',').map((name) => name.trim());
  const served = definitions.filter(({ verbs }) => verbs?.includes('watch') ?? true);
  if (names.includes('')) {
    throw badRequest(
      `resources: invalid value ${JSON.stringify(text)}: name one or more kinds, for example "clusters,jobs"`,
    );
  }
  if (names.length > MOST_KINDS) {
    throw badRequest(`resources: ${names.length} kinds are more than the ${MOST_KINDS} that a stream may be of`);
  }
  const kinds = names.map((name) => ({ name, definition: definitionNamed(name, served) }));
  for (const [index, { name, definition }] of kinds.entries()) {
    if (kinds.findIndex((each) => each.definition === definition) < index) {
      throw badRequest(`resources: "${name}" is named twice; name each kind once`);
    }
  }
  return kinds;
}

function definitionNamed(name: string, served: readonly ResourceDefinition[]): ResourceDefinition {
  const matching = served.filter(
    ({ plural, group, version }) =>
      name === plural || name === `${plural}.${group}` || name === `${plural}.${version}.${group}`,
  );
  // A short name means SkyFlow's kind where there is one.
  const found = matching.find(({ group }) => group === 'skyflow.io') ?? matching[0];
  if (found !== undefined) return found;
  const plurals = [...new Set(served.map(({ plural }) => plural))].sort();
  const closest = closestName(name, plurals);
  const hint = closest === undefined ? `what can be watched: ${plurals.join(', ')}` : `did you mean "${closest}"?`;
  throw new StatusError(404, 'NotFound', `resources: there is no kind "${name}" to watch; ${hint}`, { name });
}
