/**
 * Reads the protobuf and JSON tags of Kubernetes' Go types (`types.go` of k8s.io/api): number, JSON name and Go type of each
 * field. Knows as much Go as those files use.
 */

interface GoField {
  number: number;
  /** Empty: the fields of the type stand in the object itself (Go's inline embedding). */
  jsonName: string;
  goType: string;
}

export interface GoPackage {
  /** Fields by struct. */
  structs: Map<string, GoField[]>;
  /** What named types are: `RestartPolicy` → `string`. */
  aliases: Map<string, string>;
  /** Import names: `metav1` → `k8s.io/apimachinery/pkg/apis/meta/v1`. */
  imports: Map<string, string>;
}

const STRUCT = /^type (\w+) struct \{/;
const ALIAS = /^type (\w+) (?!struct\b|interface\b|func\b)(\S+)/;
const FIELD = /^\s+(?:(\w+)\s+)?([*[\]\w.]+)\s+`([^`]+)`/;
const IMPORT = /^\s+(?:(\w+) )?"(k8s\.io\/[^"]+)"/;

export function readGoTypes(sources: readonly string[]): GoPackage {
  const found: GoPackage = { structs: new Map(), aliases: new Map(), imports: new Map() };
  for (const source of sources) {
    let fields: GoField[] | undefined;
    for (const line of source.split('\n')) {
      if (fields === undefined) fields = readDeclaration(line, found);
      else if (line.startsWith('}')) fields = undefined;
      else {
        const field = readField(line);
        if (field !== undefined) fields.push(field);
      }
    }
  }
  return found;
}

function readDeclaration(line: string, found: GoPackage): GoField[] | undefined {
  const struct = STRUCT.exec(line)?.[1];
  if (struct !== undefined && !line.endsWith('}')) {
    const fields: GoField[] = [];
    found.structs.set(struct, fields);
    return fields;
  }
  const [, alias, target] = ALIAS.exec(line) ?? [];
  if (alias !== undefined && target !== undefined) found.aliases.set(alias, target);
  const [, name, path] = IMPORT.exec(line) ?? [];
  if (path !== undefined) found.imports.set(name ?? path.slice(path.lastIndexOf('/') + 1), path);
  return undefined;
}

function readField(line: string): GoField | undefined {
  const [, , goType, tags = ''] = FIELD.exec(line) ?? [];
  const [, number] = /protobuf:"\w+,(\d+),/.exec(tags) ?? [];
  if (goType === undefined || number === undefined) return undefined;
  const jsonName = /json:"([^",]*)/.exec(tags)?.[1] ?? '';
  return { number: Number(number), jsonName, goType };
}
