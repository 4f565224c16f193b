/** Which schema name each model gets, by walking from the kinds to everything that they are made of. */
import { coreModels, listedKinds, META_PACKAGE, metaModels, packageOf, unlistedKinds } from './kinds.js';
import { readModel, type Model } from './model-source.js';

export interface NamedModel {
  /** e.g. `io.k8s.api.core.v1.PodSpec`. */
  schemaName: string;
  model: Model;
}

/** By model name, in the order in which they were reached. */
export async function nameModels(): Promise<Map<string, NamedModel>> {
  const named = new Map<string, NamedModel>();
  for (const model of metaModels) await reach(model, META_PACKAGE, named);
  for (const model of coreModels) await reach(model, packageOf('', 'v1'), named);
  for (const { group, version, model } of listedKinds) {
    await reach(model, packageOf(group, version), named);
    await reach(`${model}List`, packageOf(group, version), named);
  }
  for (const { group, version, model } of unlistedKinds) await reach(model, packageOf(group, version), named);
  return named;
}

async function reach(name: string, packageName: string, named: Map<string, NamedModel>): Promise<void> {
  if (named.has(name)) return;
  const model = await readModel(name);
  named.set(name, { schemaName: `${packageName}.${shortName(name)}`, model });
  for (const field of model.fields) {
    for (const referred of modelsIn(field.type)) await reach(referred, packageName, named);
  }
}

/** `V1PodSpec` and `CoreV1Event` without version and group: `PodSpec`, `Event`. */
export const shortName = (model: string): string => model.replace(/^([A-Z][a-z]+)?V\d+/, '');

/** Models that a type of client-node names. */
export const modelsIn = (type: string): string[] =>
  [...type.matchAll(/\b(?:[A-Z][a-z]+)?V\d+[A-Za-z]+\b/g)]
    .map(([name]) => name)
    .filter((name) => name !== 'V1MicroTime');
