/** A test for several patterns of subjects; none: everything matches. */
import { subjectMatches } from '@skyflow/contracts';

export function subjectFilter(patterns: readonly string[] | undefined): (subject: string) => boolean {
  if (patterns === undefined || patterns.length === 0) return () => true;
  return (subject) => patterns.some((pattern) => subjectMatches(pattern, subject));
}
