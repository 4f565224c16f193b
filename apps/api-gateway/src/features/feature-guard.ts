/** Admission: what is part of a feature that is off is refused, with who holds it back and what to do. What is there already can be deleted. */
import { equalJson, featureAskedBy, features } from '@skyflow/contracts';
import { featureRefusal } from '@skyflow/domain';
import { type Admission, StatusError } from '@skyflow/apimachinery';
import type { LevelReport } from './level-keeper.js';

/** @param level asked only while something is off */
export function featureGuard(level: () => Promise<LevelReport>): Admission {
  return async ({ definition, object, old }) => {
    if (object === undefined) return;
    const name = featureAskedBy(definition.kind, object.spec);
    if (name === undefined || (old !== undefined && equalJson(old.spec, object.spec))) return;
    const { inForce, heldBackBy } = await level();
    if (inForce >= features[name].level) return;
    const { group, plural } = definition;
    const text = `${plural} "${object.metadata.name}" is forbidden: ${featureRefusal(name, inForce, heldBackBy)}`;
    throw new StatusError(403, 'Forbidden', text, {
      name: object.metadata.name,
      ...(group === '' ? {} : { group }),
      kind: plural,
      causes: [{ reason: 'FieldValueForbidden', message: `feature ${name} is off`, field: 'spec' }],
    });
  };
}
