/**
 * Strategies and admission look at objects before they are validated, and may stumble over what is of a wrong type. What they
 * stumbled over is then the answer, not that they did.
 */
import { invalid } from '../api/errors.js';
import type { KubeObject } from '@skyflow/contracts';
import { StatusError } from '../api/status-error.js';
import { validate } from '../schema/validate.js';
import type { ResourceSetup } from './resource-setup.js';

/** @throws StatusError 422 where the schema refuses the object; else what `look` threw */
export async function lookingAt(
  { definition, schemas }: ResourceSetup,
  object: KubeObject,
  look: () => Promise<void>,
): Promise<void> {
  try {
    await look();
  } catch (error) {
    const causes = error instanceof StatusError ? [] : validate(object, definition.schema, schemas);
    throw causes.length === 0 ? error : invalid(definition, object.metadata.name, causes);
  }
}
