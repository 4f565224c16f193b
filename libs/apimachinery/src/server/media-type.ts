/**
 * Which representation an Accept header asks for: JSON or YAML, the object itself, a server-side Table or only metadata.
 * Protobuf and CBOR are not served; clients that prefer them name JSON second.
 */

export interface Representation {
  format: 'json' | 'yaml';
  /** Transformation of meta.k8s.io/v1. */
  as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Aggregated discovery (KEP-3352). */
  aggregatedDiscovery?: 'v2' | 'v2beta1';
}

const PLAIN: Representation = Object.freeze({ format: 'json' });
const MEMORY = 256;
const known = new Map<string, Representation | null>();

/** Undefined: nothing acceptable is served (406). */
export function negotiate(accept: string | undefined): Representation | undefined {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return PLAIN;
  let representation = known.get(accept);
  if (representation === undefined) {
    representation = choose(accept);
    if (known.size >= MEMORY) known.clear();
    known.set(accept, representation);
  }
  return representation ?? undefined;
}

function choose(accept: string): Representation | null {
  for (const { type, parameters } of byQuality(accept)) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return { format };
    if (g === 'meta.k8s.io' && v === 'v1' && isTransformation(as)) return { format, as };
    if (g === 'apidiscovery.k8s.io' && (v === 'v2' || v === 'v2beta1')) return { format, aggregatedDiscovery: v };
  }
  return null;
}

function byQuality(accept: string): { type: string; parameters: Record<string, string> }[] {
  return accept
    .split(',')
    .map((range) => {
      const [type = '', ...pairs] = range.split(';').map((part) => part.trim());
      const parameters: Record<string, string> = Object.fromEntries(
        pairs.map((pair) => {
          const at = pair.indexOf('=');
          return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
        }),
      );
      return { type: type.toLowerCase(), parameters, quality: Number(parameters.q ?? '1') };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
}

function formatOf(type: string): Representation['format'] | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function isTransformation(as: string): as is NonNullable<Representation['as']> {
  return as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList';
}
