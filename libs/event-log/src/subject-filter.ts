/** NATS subject patterns: `*` is one token, `>` at the end is one or more. */

export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '>') return tokens.length > i;
    if (i >= tokens.length || (wanted[i] !== '*' && wanted[i] !== tokens[i])) return false;
  }
  return wanted.length === tokens.length;
}

/** A test for several patterns; none: everything matches. */
export function subjectFilter(patterns: readonly string[] | undefined): (subject: string) => boolean {
  if (patterns === undefined || patterns.length === 0) return () => true;
  return (subject) => patterns.some((pattern) => subjectMatches(pattern, subject));
}
