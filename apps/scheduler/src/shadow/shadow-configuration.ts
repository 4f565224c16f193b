/** The configuration that a shadow decides with, from a file: an object, a list of them, or what `skyctl get … -o json` prints. */
import { readFile } from 'node:fs/promises';
import { OtherConfiguration } from '@skyflow/domain';
import { z } from 'zod';

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
});
const fileSchema = z.union([
  z.looseObject({ items: z.array(objectSchema) }).transform(({ items }) => items),
  z.array(objectSchema),
  objectSchema.transform((object) => [object]),
]);

/** @throws Error that names the file and what is wrong with it. */
export async function shadowConfiguration(file: string): Promise<OtherConfiguration> {
  try {
    const objects = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return new OtherConfiguration(objects);
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`SKYFLOW_SCHEDULER_SHADOW_WITH: ${file} cannot be taken: ${why}`, { cause: error });
  }
}
