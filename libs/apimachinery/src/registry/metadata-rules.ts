/** Rules on the values in metadata (apimachinery pkg/api/validation objectmeta.go). */
import type { ResourceDefinition } from '../api/definition.js';
import {
  brokenNameRule,
  equalJson,
  isLabelValue,
  isQualifiedName,
  type KubeMetadata,
  type StatusCause,
} from '@skyflow/contracts';

const ANNOTATIONS_MAX_BYTES = 256 * 1024;

const LABEL_VALUE_RULE =
  "a valid label must be an empty string or consist of at most 63 alphanumeric characters, '-', '_' or '.', and must start " +
  "and end with an alphanumeric character (e.g. 'MyValue', or 'my_value', or '12345')";
const QUALIFIED_NAME_RULE =
  "name part must consist of at most 63 alphanumeric characters, '-', '_' or '.', and must start and end with an " +
  "alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc'), with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);
const FINALIZER_RULE = 'name is neither a standard finalizer name nor is it fully qualified';

const invalidValue = (field: string, value: unknown, rule: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${rule}`,
});

/** What is wrong with metadata that is to be stored. */
export function metadataCauses(definition: ResourceDefinition, metadata: KubeMetadata): StatusCause[] {
  const causes: StatusCause[] = [];
  const rule = definition.nameRule ?? 'dns1123-subdomain';
  if (metadata.generateName !== undefined && metadata.generateName !== '') {
    const broken = brokenNameRule(metadata.generateName, rule, true);
    if (broken !== undefined) causes.push(invalidValue('metadata.generateName', metadata.generateName, broken));
  }
  if (metadata.name === '') {
    causes.push({
      reason: 'FieldValueRequired',
      field: 'metadata.name',
      message: 'Required value: name or generateName is required',
    });
  } else {
    const broken = brokenNameRule(metadata.name, rule);
    if (broken !== undefined) causes.push(invalidValue('metadata.name', metadata.name, broken));
  }
  if (metadata.namespace !== undefined && definition.namespaced) {
    const broken = brokenNameRule(metadata.namespace, 'dns1123-label');
    if (broken !== undefined) causes.push(invalidValue('metadata.namespace', metadata.namespace, broken));
  }
  addLabelCauses(causes, metadata.labels);
  addAnnotationCauses(causes, metadata.annotations);
  addOwnerCauses(causes, metadata.ownerReferences);
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    const field = `metadata.finalizers[${index}]`;
    if (!isQualifiedName(finalizer)) causes.push(invalidValue(field, finalizer, QUALIFIED_NAME_RULE));
    else if (!finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)) {
      causes.push(invalidValue(field, finalizer, FINALIZER_RULE));
    }
  }
  return causes;
}

/** What an update may not do to metadata. */
export function metadataUpdateCauses(metadata: KubeMetadata, old: KubeMetadata): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (!equalJson(metadata[field], old[field])) {
      causes.push(invalidValue(`metadata.${field}`, metadata[field], 'field is immutable'));
    }
  }
  if (old.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter((finalizer) => !(old.finalizers ?? []).includes(finalizer));
    if (added.length > 0) {
      causes.push({
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
        message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
      });
    }
  }
  return causes;
}

function addLabelCauses(causes: StatusCause[], labels: Record<string, string> | undefined): void {
  for (const key in labels) {
    if (!isQualifiedName(key)) causes.push(invalidValue('metadata.labels', key, QUALIFIED_NAME_RULE));
    const value = labels[key] ?? '';
    if (!isLabelValue(value)) causes.push(invalidValue('metadata.labels', value, LABEL_VALUE_RULE));
  }
}

function addAnnotationCauses(causes: StatusCause[], annotations: Record<string, string> | undefined): void {
  let size = 0;
  for (const key in annotations) {
    size += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? '');
    if (!isQualifiedName(key.toLowerCase())) {
      causes.push(invalidValue('metadata.annotations', key, QUALIFIED_NAME_RULE));
    }
  }
  if (size > ANNOTATIONS_MAX_BYTES) {
    causes.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${ANNOTATIONS_MAX_BYTES} bytes, got ${size}`,
    });
  }
}

function addOwnerCauses(causes: StatusCause[], owners: KubeMetadata['ownerReferences']): void {
  let controller: string | undefined;
  for (const [index, owner] of (owners ?? []).entries()) {
    for (const field of ['apiVersion', 'kind', 'name', 'uid'] as const) {
      // Input is checked for types, not for presence.
      if ((owner as Partial<typeof owner>)[field]) continue;
      const path = `metadata.ownerReferences[${index}].${field}`;
      causes.push({ reason: 'FieldValueRequired', field: path, message: `Required value: ${field} must not be empty` });
    }
    if (owner.controller !== true) continue;
    if (controller !== undefined) {
      const rule = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`;
      causes.push(invalidValue('metadata.ownerReferences', owner.name, rule));
    }
    controller = owner.name;
  }
}
