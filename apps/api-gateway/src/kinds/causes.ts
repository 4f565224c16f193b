/** Short-hands for validation causes: each names the field, the value, the rule. */
import type { StatusCause } from '@skyflow/contracts';

export const duplicate = (field: string, value: string, rule: string): StatusCause => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${JSON.stringify(value)}: ${rule}`,
  field,
});

export const forbiddenField = (field: string, why: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${why}`,
  field,
});
