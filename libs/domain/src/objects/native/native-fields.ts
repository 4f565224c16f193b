/**
 * What both façades share: SkyFlow's placement travels in an annotation of the native object, and field names are followed into
 * managedFields, so that nothing is lost on the way there and back.
 */
import type { ApiObject, ObjectMeta, WorkloadPlacement } from '@skyflow/contracts';

/** Annotation of native objects: `spec.placement` of the SkyFlow object, as JSON. */
export const ANNOTATION_PLACEMENT = 'skyflow.io/placement';

/** An object of either side, untyped beyond the envelope. */
export type AnyObject = Omit<ApiObject, 'spec' | 'status'> & { spec?: unknown; status?: unknown };
type Spec = Record<string, unknown>;

export const specOf = (object: AnyObject): Spec => (object.spec ?? {}) as Spec;

/** The spec without placement, and the metadata that carries it instead. */
export function placementToAnnotation(object: AnyObject): { metadata: ObjectMeta; spec: Spec } {
  const { placement, ...spec } = specOf(object);
  if (placement === undefined) return { metadata: { ...object.metadata }, spec };
  const annotations = { ...object.metadata.annotations, [ANNOTATION_PLACEMENT]: JSON.stringify(placement) };
  return { metadata: { ...object.metadata, annotations }, spec };
}

/** The way back. An annotation that is no JSON object stays where it is; {@link placementAnnotationProblem} says so before. */
export function annotationToPlacement(object: AnyObject): { metadata: ObjectMeta; spec: Spec } {
  const text = object.metadata.annotations?.[ANNOTATION_PLACEMENT];
  const placement = text === undefined ? undefined : parsePlacement(text);
  if (placement === undefined) return { metadata: { ...object.metadata }, spec: { ...specOf(object) } };
  const { [ANNOTATION_PLACEMENT]: _moved, ...annotations } = object.metadata.annotations ?? {};
  const { annotations: _old, ...metadata } = object.metadata;
  return {
    metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations },
    spec: { ...specOf(object), placement },
  };
}

/** What is wrong with the placement annotation of a native object, if anything. */
export function placementAnnotationProblem(object: AnyObject): string | undefined {
  const text = object.metadata.annotations?.[ANNOTATION_PLACEMENT];
  if (text === undefined || parsePlacement(text) !== undefined) return undefined;
  return 'must be a JSON object such as {"clusters":["a","b"]} or {"clusterSelector":{"matchLabels":{"zone":"eu"}}}';
}

function parsePlacement(text: string): WorkloadPlacement | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
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
