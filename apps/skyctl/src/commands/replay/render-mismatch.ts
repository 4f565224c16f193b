/** A decision that would be another now: whose, from what, where it differs, and both versions. */
import type { Mismatch } from '@skyflow/domain';

/** `storedAt`: when, if it is known. */
export function renderMismatch(
  { recorded, decided, difference: { path, ...values }, position }: Mismatch,
  storedAt?: string,
): string[] {
  const { kind, namespace = '', name } = recorded.ref;
  const inWords = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
  return [
    `  ${kind} ${namespace}/${name}, decided at position ${position} ${storedAt === undefined ? '' : `(${storedAt}) `}from position ${recorded.basis} by ${recorded.code}`,
    ...(path === ''
      ? []
      : [`  ${path}: recorded ${inWords(values.recorded)}, decided again ${inWords(values.decided)}`]),
    `  recorded:      ${inWords(recorded)}`,
    `  decided again: ${inWords(decided)}`,
  ];
}
