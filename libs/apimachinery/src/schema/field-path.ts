/** Paths of fields as Kubernetes writes them: `spec.containers[0].ports[1].containerPort`, `metadata.labels[a.b/c]`. */

export type PathSegment = string | number;

const PLAIN_NAME = /^[A-Za-z_$][\w$-]*$/;

/** Rendered path; empty for the object itself. Map keys with dots or slashes are bracketed. */
export function formatPath(segments: readonly PathSegment[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number' || !PLAIN_NAME.test(segment)) path += `[${segment}]`;
    else path += path === '' ? segment : `.${segment}`;
  }
  return path;
}
