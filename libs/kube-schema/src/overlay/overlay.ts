/** The form of the overlay tables, and the words that they are written with. */
import type { Schema } from '@skyflow/contracts';

/** What the types of one package do not say: by type, by field, keywords to add. `$type` is the type itself. */
export interface Overlay {
  /** e.g. `io.k8s.api.core.v1`. */
  packageName: string;
  types: Readonly<Record<string, TypeOverlay>>;
}

export type TypeOverlay = Readonly<Record<string, Schema>> & { $type?: Schema };

/** A list whose items are told apart by these fields; strategic merge uses the first unless told otherwise. */
export const keyed = (...keys: readonly string[]): Schema => ({
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  ...mergedBy(keys[0]),
});

/** A list that only strategic merge takes apart. */
export const mergedBy = (key: string | undefined, strategy = 'merge'): Schema => ({
  ...(key === undefined ? {} : { 'x-kubernetes-patch-merge-key': key }),
  'x-kubernetes-patch-strategy': strategy,
});

/** Server-side apply keys without strategic merge. */
export const appliedBy = (...keys: readonly string[]): Schema => ({
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
});

export const valueSet: Schema = { 'x-kubernetes-list-type': 'set' };

/** Owned and replaced as a whole. */
export const atomicMap: Schema = { 'x-kubernetes-map-type': 'atomic' };

export const oneOf = (...values: readonly string[]): Schema => ({ enum: values });
export const itemsOneOf = (...values: readonly string[]): Schema => ({ items: { type: 'string', enum: values } });
export const byDefault = (value: unknown): Schema => ({ default: value });
export const between = (minimum: number, maximum: number): Schema => ({ minimum, maximum });
export const atLeast = (minimum: number): Schema => ({ minimum });
export const notEmpty: Schema = { minLength: 1 };
export const format = (name: string): Schema => ({ format: name });

const QUANTITY: Schema = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' };
/** A quantity, where client-node says string; `replacesType` in apply-overlay.ts. */
export const quantity: Schema = QUANTITY;
export const quantities: Schema = { type: 'object', additionalProperties: QUANTITY };

export const condition: Schema = oneOf('True', 'False', 'Unknown');
export const protocol: Schema = { enum: ['TCP', 'UDP', 'SCTP'] };
export const port: Schema = between(1, 65_535);
export const optionalPort: Schema = between(0, 65_535);
export const fileMode: Schema = { ...between(0, 0o777), default: 0o644 };
