/** Structural schemas: the subset of OpenAPI v3 that Kubernetes uses. */

/**
 * Structural schema: the subset of OpenAPI v3 that Kubernetes uses, with its extensions.
 * Validation, pruning of unknown fields, defaulting, strategic merge, server-side apply, OpenAPI and `kubectl explain` all
 * read it.
 */
export interface Schema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: readonly string[];
  items?: Schema;
  enum?: readonly (string | number)[];
  default?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  nullable?: boolean;
  /** `#/components/schemas/<name>`; resolved against the schemas given to the server. */
  $ref?: string;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: readonly string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  /** There even when nobody has set it, as Go's struct fields are: never owned by itself. */
  'x-skyflow-never-absent'?: boolean;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}
