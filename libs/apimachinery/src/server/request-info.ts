/**
 * What a URL means (apiserver endpoints/request RequestInfo): `/api/v1/…` and `/apis/G/V/…`, with or without
 * `namespaces/NS`, resource, name, subresource. Splits the path and looks nothing up.
 */

export interface ResourcePath {
  group: string;
  version: string;
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
  /** What follows the subresource (`proxy/some/path`). */
  rest?: string;
}

export type ParsedPath = { kind: 'resource'; path: ResourcePath } | { kind: 'other'; segments: readonly string[] };

/** Undefined: an escape in the path is broken. */
export function parsePath(pathname: string): ParsedPath | undefined {
  const segments = pathname.split('/');
  segments.shift();
  if (segments.at(-1) === '') segments.pop();
  if (pathname.includes('%')) {
    try {
      for (const [index, segment] of segments.entries()) segments[index] = decodeURIComponent(segment);
    } catch {
      return undefined;
    }
  }
  const start = segments[0] === 'api' ? 2 : segments[0] === 'apis' ? 3 : Infinity;
  if (segments.length <= start) return { kind: 'other', segments };
  const group = start === 2 ? '' : (segments[1] ?? '');
  const version = segments[start - 1] ?? '';
  return { kind: 'resource', path: { group, version, ...resourceOf(segments, start) } };
}

function resourceOf(segments: readonly string[], start: number): Omit<ResourcePath, 'group' | 'version'> {
  const [first = '', second, third, fourth] = segments.slice(start, start + 4);
  const aboutNamespace = first === 'namespaces' && (third === undefined || isNamespaceSubresource(third, fourth));
  if (first !== 'namespaces' || aboutNamespace || second === undefined) {
    return { plural: first, ...tail(segments, start + 1) };
  }
  return { plural: third ?? '', namespace: second, ...tail(segments, start + 3) };
}

const isNamespaceSubresource = (segment: string, next: string | undefined): boolean =>
  next === undefined && (segment === 'status' || segment === 'finalize');

function tail(segments: readonly string[], at: number): Pick<ResourcePath, 'name' | 'subresource' | 'rest'> {
  const name = segments[at];
  const subresource = segments[at + 1];
  return {
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(segments.length > at + 2 ? { rest: segments.slice(at + 2).join('/') } : {}),
  };
}
