/** Causes worded as apimachinery's field.Error words them: what is wrong, the value, the rule. */

/** One wrong field, after apimachinery's field.Error. */
export interface StatusCause {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueDuplicate'
    | 'FieldValueNotFound'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueTypeInvalid'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldManagerConflict'
    | 'NamespaceTerminating'
    | 'ResourceVersionTooLarge'
    | 'UnexpectedServerResponse';
  message: string;
  /** Path as Kubernetes writes it: `spec.template.spec.containers[0].image`. */
  field?: string;
}

const SHOWN_LENGTH = 80;

/** The value as it is shown to a person: JSON, cut where it is long. Never throws. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'null';
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? `[…${value.length} items]` : '{…}';
  }
  const text = JSON.stringify(value);
  return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}…`;
}

export const requiredCause = (field: string, detail?: string): StatusCause => ({
  reason: 'FieldValueRequired',
  message: detail === undefined ? 'Required value' : `Required value: ${detail}`,
  field,
});

export const invalidCause = (field: string, value: unknown, rule: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${showValue(value)}: ${rule}`,
  field,
});

export const typeCause = (field: string, value: unknown, rule: string): StatusCause => ({
  reason: 'FieldValueTypeInvalid',
  message: `Invalid value: ${showValue(value)}: ${rule}`,
  field,
});

export const unsupportedCause = (field: string, value: unknown, supported: readonly unknown[]): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${showValue(value)}: supported values: ${supported.map(showValue).join(', ')}`,
  field,
});

export const tooLongCause = (field: string, maxLength: number): StatusCause => ({
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${maxLength} characters`,
  field,
});

export const tooManyCause = (field: string, count: number, max: number): StatusCause => ({
  reason: 'FieldValueTooMany',
  message: `Too many: ${count}: must have at most ${max} items`,
  field,
});

export const duplicateCause = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${showValue(value)}`,
  field,
});

export const forbiddenCause = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});

/** The value names something that is not there. */
export const notFoundCause = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueNotFound',
  message: `Not found: ${showValue(value)}`,
  field,
});
