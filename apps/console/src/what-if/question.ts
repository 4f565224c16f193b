/** What is asked of the scheduler, from what was filled in. */
import { parseAllDocuments } from 'yaml';

export interface Question {
  down: readonly string[];
  /** `cluster` empty: none. */
  nodes: { cluster: string; count: number; cpu: string; memory: string };
  /** Documents of YAML; may be empty. */
  manifest: string;
}

/** The spec of a simulation. @throws Error naming the line that is no YAML, or that nothing is asked */
export function questionOf({ down, nodes, manifest }: Question): object {
  const objects = objectsOf(manifest);
  const { cluster, count, cpu, memory } = nodes;
  if (down.length === 0 && cluster === '' && objects.length === 0) {
    throw new Error('Nothing would be different: choose a cluster, add nodes, or write objects.');
  }
  return {
    clustersDown: down,
    ...(cluster === '' ? {} : { nodes: [{ cluster, count, allocatable: { cpu, memory } }] }),
    ...(objects.length === 0 ? {} : { objects }),
  };
}

function objectsOf(manifest: string): object[] {
  const documents = parseAllDocuments(manifest);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(error.message);
    const value = document.toJS() as object | null;
    if (value === null) return [];
    if (typeof value !== 'object')
      throw new Error(`"${String(value)}" is no object: write apiVersion, kind, metadata, spec`);
    const { metadata, ...rest } = value as { metadata?: { namespace?: string } };
    return [{ ...rest, metadata: { namespace: 'default', ...metadata } }];
  });
}
