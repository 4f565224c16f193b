/**
 * Creating objects: body → complete, valid object → store. Order of the steps as in apiserver registry/generic Store.Create:
 * decode, default, system metadata, prepare, admit, validate, store.
 */
import { randomUUID } from 'node:crypto';
import { alreadyExists, badRequest, invalid, isStatus } from '../api/errors.js';
import { isRecord, type KubeObject, type ManagedFieldsEntry, type StatusCause } from '@skyflow/contracts';
import type { WriteOptions, WriteResult } from '../api/request-options.js';
import { validate } from '../schema/validate.js';
import { toTimestamp } from '../store/deletion.js';
import type { RequestContext } from '../store/resource-store.js';
import { recordManager } from './field-ownership.js';
import { lookingAt } from './malformed.js';
import { metadataCauses } from './metadata-rules.js';
import { generateName, NAME_ATTEMPTS } from './name-generator.js';
import { readEnvelope, readFields, type InputTarget } from './object-input.js';
import type { ResourceSetup } from './resource-setup.js';

/**
 * @param body belongs to the store afterwards.
 * @param managedFields what server-side apply made; else the writer owns all.
 * @throws StatusError 400, 409, 422 and what admission and store throw.
 */
export async function createObject(
  setup: ResourceSetup,
  body: unknown,
  target: InputTarget,
  options: WriteOptions,
  context: RequestContext,
  managedFields?: ManagedFieldsEntry[],
): Promise<WriteResult<KubeObject>> {
  const { object, warnings } = await prepare(setup, body, target, options, context, managedFields);
  if (context.dryRun === true) {
    const taken = await setup.store.get(object.metadata, context);
    if (taken !== undefined) throw alreadyExists(setup.definition, object.metadata.name);
    await setup.store.assertWritable?.('create', [object], context);
    return { object, warnings };
  }
  const prefix = object.metadata.generateName;
  if (prefix === undefined || !generatedFrom(object.metadata.name, prefix)) {
    return { object: await setup.store.create(object, context), warnings };
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return { object: await setup.store.create(object, context), warnings };
    } catch (error) {
      if (attempt >= NAME_ATTEMPTS || !isStatus(error, 'AlreadyExists')) throw error;
      object.metadata.name = generateName(prefix);
    }
  }
}

/**
 * Creates all items of a list or none of them.
 * @throws StatusError as {@link createObject}; the message names the item.
 */
export async function createObjects(
  setup: ResourceSetup,
  bodies: readonly unknown[],
  target: InputTarget,
  options: WriteOptions,
  context: RequestContext,
): Promise<WriteResult<KubeObject[]>> {
  const objects: KubeObject[] = [];
  const warnings: string[] = [];
  for (const [index, body] of bodies.entries()) {
    try {
      const prepared = await prepare(setup, body, target, options, context);
      objects.push(prepared.object);
      for (const warning of prepared.warnings) warnings.push(`items[${index}]: ${warning}`);
    } catch (error) {
      throw isRecord(body) && error instanceof Error ? atItem(error, index) : error;
    }
  }
  const { store } = setup;
  if (context.dryRun === true) {
    await store.assertWritable?.('create', objects, context);
    return { object: objects, warnings };
  }
  if (store.createMany !== undefined) return { object: await store.createMany(objects, context), warnings };
  const created: KubeObject[] = [];
  for (const object of objects) created.push(await store.create(object, context));
  return { object: created, warnings };
}

async function prepare(
  setup: ResourceSetup,
  body: unknown,
  target: InputTarget,
  options: WriteOptions,
  context: RequestContext,
  managedFields?: ManagedFieldsEntry[],
): Promise<WriteResult<KubeObject>> {
  const { definition, schemas } = setup;
  const object = readEnvelope(setup, body, target);
  if (object.metadata.resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created; remove metadata.resourceVersion');
  }
  const warnings = readFields(setup, object, options.fieldValidation);
  const nowMs = setup.nowMs();
  setSystemMetadata(object, nowMs, definition.tracksGeneration !== false);
  if (definition.hasStatus === true && definition.keepsStatusOnCreate !== true) delete object.status;

  // What strategy and admission fill in belongs to nobody.
  if (managedFields === undefined) recordManager(setup, { updated: object, options, nowMs });
  else object.metadata.managedFields = managedFields;

  const strategy = definition.strategy;
  const strategyContext = { nowMs, request: context };
  await lookingAt(setup, object, async () => {
    strategy?.prepareForCreate?.(object, strategyContext);
    for (const admit of setup.admission) await admit({ operation: 'create', definition, object, context });
  });

  const causes: StatusCause[] = [
    ...metadataCauses(definition, object.metadata),
    ...validate(object, definition.schema, schemas),
  ];
  // Strategies may rely on the types that the schema promises.
  if (causes.length === 0) causes.push(...(strategy?.validate?.(object, strategyContext) ?? []));
  if (causes.length > 0) throw invalid(definition, object.metadata.name, causes);
  for (const admit of setup.validatingAdmission) await admit({ operation: 'create', definition, object, context });
  return { object, warnings: [...warnings, ...(strategy?.warnings?.(object) ?? [])] };
}

function setSystemMetadata(object: KubeObject, nowMs: number, tracksGeneration: boolean): void {
  const { metadata } = object;
  if (metadata.name === '' && metadata.generateName) metadata.name = generateName(metadata.generateName);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = toTimestamp(nowMs);
  if (tracksGeneration) metadata.generation = 1;
  else delete metadata.generation;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  delete metadata.managedFields;
}

const generatedFrom = (name: string, prefix: string): boolean =>
  prefix !== '' && name.length === Math.min(prefix.length, 58) + 5 && name.startsWith(prefix.slice(0, 58));

function atItem(error: Error, index: number): Error {
  error.message = `items[${index}]: ${error.message}`;
  return error;
}
