/**
 * What both façades share: SkyFlow's placement travels in an annotation of the native object, and field names are followed into
 * managedFields, so that nothing is lost on the way there and back.
 */
import { type ApiObject, type ObjectMeta, SCHEDULER_FIELDS } from '@skyflow/contracts';

/** Annotation of native objects: `spec.placement` of the SkyFlow object, as JSON. */
export const ANNOTATION_PLACEMENT = 'skyflow.io/placement';
/** The same for the queue, the gang and waiting: `{"queue":"team-a"}`. */
export const ANNOTATION_SCHEDULING = 'skyflow.io/scheduling';

/** An object of either side, untyped beyond the envelope. */
export type AnyObject = Omit<ApiObject, 'spec' | 'status'> & { spec?: unknown; status?: unknown };
type Spec = Record<string, unknown>;

export const specOf = (object: AnyObject): Spec => (object.spec ?? {}) as Spec;

/** The spec without what is for SkyFlow's scheduler, and the metadata that carries it instead. */
export function placementToAnnotation(object: AnyObject): { metadata: ObjectMeta; spec: Spec } {
  const { placement, ...rest } = specOf(object);
  const [scheduling, spec] = parted(rest);
  if (placement === undefined && scheduling === undefined) return { metadata: { ...object.metadata }, spec };
  const annotations = {
    ...object.metadata.annotations,
    ...(placement !== undefined && { [ANNOTATION_PLACEMENT]: JSON.stringify(placement) }),
    ...(scheduling !== undefined && { [ANNOTATION_SCHEDULING]: JSON.stringify(scheduling) }),
  };
  return { metadata: { ...object.metadata, annotations }, spec };
}

/** The way back. An annotation that is no JSON object stays where it is; {@link placementAnnotationProblem} says so before. */
export function annotationToPlacement(object: AnyObject): { metadata: ObjectMeta; spec: Spec } {
  const kept = { ...object.metadata.annotations };
  const placement = takeFrom(kept, ANNOTATION_PLACEMENT);
  const scheduling = takeFrom(kept, ANNOTATION_SCHEDULING);
  if (placement === undefined && scheduling === undefined) {
    return { metadata: { ...object.metadata }, spec: { ...specOf(object) } };
  }
  const { annotations: _old, ...metadata } = object.metadata;
  return {
    metadata: Object.keys(kept).length === 0 ? metadata : { ...metadata, annotations: kept },
    spec: { ...specOf(object), ...(placement !== undefined && { placement }), ...scheduling },
  };
}

function takeFrom(annotations: Record<string, string>, name: string): Record<string, unknown> | undefined {
  const text = annotations[name];
  const value = text === undefined ? undefined : parseObject(text);
  if (value !== undefined) Reflect.deleteProperty(annotations, name);
  return value;
}

/** The scheduler's fields but placement, and the others. */
function parted(spec: Spec): [scheduling: Spec | undefined, others: Spec] {
  if (!SCHEDULER_FIELDS.some((field) => spec[field] !== undefined)) return [undefined, spec];
  const isTheirs = (field: string): boolean => (SCHEDULER_FIELDS as readonly string[]).includes(field);
  const entries = Object.entries(spec);
  return [
    Object.fromEntries(entries.filter(([field]) => isTheirs(field))),
    Object.fromEntries(entries.filter(([field]) => !isTheirs(field))),
  ];
}

/** What is wrong with the placement annotation of a native object, if anything. */
export function placementAnnotationProblem(object: AnyObject): string | undefined {
  const text = object.metadata.annotations?.[ANNOTATION_PLACEMENT];
  if (text === undefined || parseObject(text) !== undefined) return undefined;
  return 'must be a JSON object such as {"clusters":["a","b"]} or {"clusterSelector":{"matchLabels":{"zone":"eu"}}}';
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The object in the scheduling annotation of a native object, or what is wrong with it. */
export function schedulingAnnotation(object: AnyObject): { terms?: Record<string, unknown>; problem?: string } {
  const text = object.metadata.annotations?.[ANNOTATION_SCHEDULING];
  if (text === undefined) return {};
  const terms = parseObject(text);
  if (terms === undefined) return { problem: 'must be a JSON object such as {"queue":"team-a"}' };
  const unknown = Object.keys(terms).find(
    (field) => field === 'placement' || !SCHEDULER_FIELDS.includes(field as never),
  );
  return unknown === undefined
    ? { terms }
    : { problem: `knows no ${unknown}; it may have queue, gang, waiting, expectedRunSeconds` };
}

/** managedFields of the other side: its apiVersion, and `renames` (old key → new key) applied to the fields of spec. */
function translateManagedFields(
  managedFields: readonly unknown[] | undefined,
  apiVersion: string,
  renames: Readonly<Record<string, string>>,
): unknown[] | undefined {
  return managedFields?.map((entry) => {
    const { fieldsV1, ...rest } = entry as { fieldsV1?: Record<string, unknown> };
    const spec = fieldsV1?.['f:spec'] as Record<string, unknown> | undefined;
    if (fieldsV1 === undefined || spec === undefined) return { ...(entry as object), apiVersion };
    const renamed = Object.fromEntries(Object.entries(spec).map(([key, value]) => [renames[key] ?? key, value]));
    return { ...rest, apiVersion, fieldsV1: { ...fieldsV1, 'f:spec': renamed } };
  });
}

/** `metadata` with managed fields translated, if it has any. */
export function withManagedFields(
  metadata: ObjectMeta,
  apiVersion: string,
  renames: Readonly<Record<string, string>>,
): ObjectMeta {
  const managedFields = translateManagedFields(metadata.managedFields, apiVersion, renames);
  return managedFields === undefined ? metadata : { ...metadata, managedFields };
}
