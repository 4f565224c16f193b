/** Why a command is refused. A value, not an exception; the gateway turns codes into HTTP. */
export const rejectionCodes = [
  'NAMESPACE_NOT_FOUND',
  'NAMESPACE_TERMINATING',
  'ALREADY_EXISTS',
  'NAME_TAKEN',
  'NOT_FOUND',
  'CONFLICT',
  'UID_MISMATCH',
  'PROTECTED',
  'CLUSTER_NOT_FOUND',
  'POLICY_NOT_FOUND',
  'REFERENCE_NOT_FOUND',
  'REFERENCE_INVALID',
  'IN_USE',
  'QUOTA_EXCEEDED',
  'IMMUTABLE',
  'KEY_REUSED',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

export interface Rejection {
  readonly rejected: RejectionCode;
  /** For people: what is wrong, the rule, what to do. */
  readonly message: string;
  /** Path of the field that is wrong. */
  readonly field?: string;
}

export const isRejection = (value: object): value is Rejection => 'rejected' in value;
