/** From Go types to the lines of messages.ts: all messages that the given kinds can contain. */
import type { GoPackage } from './go-types.js';

/** Import path → short package name: `k8s.io/api/core/v1` → `core.v1`. */
const PACKAGES: Readonly<Record<string, string>> = {
  'k8s.io/apimachinery/pkg/apis/meta/v1': 'meta.v1',
  'k8s.io/apimachinery/pkg/api/resource': 'resource',
  'k8s.io/apimachinery/pkg/util/intstr': 'intstr',
  'k8s.io/apimachinery/pkg/runtime': 'runtime',
  'k8s.io/apimachinery/pkg/types': 'types',
};

/** Messages that the decoder knows by itself: their JSON is not the object that their fields make. */
const SPECIAL = new Set([
  'meta.v1.Time',
  'meta.v1.MicroTime',
  'meta.v1.Duration',
  'meta.v1.FieldsV1',
  'resource.Quantity',
  'intstr.IntOrString',
  'runtime.RawExtension',
]);

const SCALARS: Readonly<Record<string, string>> = {
  string: 's',
  bool: 'b',
  int: 'i',
  int32: 'i',
  int64: 'i',
  uint8: 'i',
  uint16: 'i',
  uint32: 'i',
  float64: 'd',
};

export type PackageOf = (name: string) => GoPackage;

const shortName = (path: string): string => PACKAGES[path] ?? path.replace('k8s.io/api/', '').replaceAll('/', '.');

/** @param packageOf reads a package by its short name. @param roots full message names. */
export function messageLines(packageOf: PackageOf, roots: readonly string[]): string[] {
  const lines = new Map<string, string>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (lines.has(name) || SPECIAL.has(name)) continue;
    const home = name.slice(0, name.lastIndexOf('.'));
    const fields = packageOf(home).structs.get(name.slice(home.length + 1));
    if (fields === undefined) throw new Error(`there is no Go type for the message ${name}`);
    const parts = fields.map(({ number, jsonName, goType }) => {
      const { card, type } = typeOf(goType, home, packageOf);
      if (type.includes('.')) queue.push(type);
      const shown = type.startsWith(`${home}.`) ? type.slice(home.length) : type;
      return `${number}:${jsonName}${jsonName === '' ? '^' : card}${shown}`;
    });
    lines.set(name, [name, ...parts].join(' '));
  }
  return [...lines.values()].sort();
}

interface FieldType {
  /** `=` plain, `?` pointer (a zero is a value), `*` list, `%` map of strings to. */
  card: '=' | '?' | '*' | '%';
  type: string;
}

function typeOf(goType: string, home: string, packageOf: PackageOf): FieldType {
  if (goType === '[]byte') return { card: '=', type: 'y' };
  if (goType.startsWith('*')) return { card: '?', type: typeOf(goType.slice(1), home, packageOf).type };
  if (goType.startsWith('[]')) return { card: '*', type: typeOf(goType.slice(2), home, packageOf).type };
  const [, value] = /^map\[\w+\](.+)$/.exec(goType) ?? [];
  if (value !== undefined) return { card: '%', type: typeOf(value, home, packageOf).type };
  const scalar = SCALARS[goType];
  if (scalar !== undefined) return { card: '=', type: scalar };
  const dot = goType.indexOf('.');
  const imported = dot < 0 ? undefined : packageOf(home).imports.get(goType.slice(0, dot));
  const target = imported === undefined ? home : shortName(imported);
  const bare = goType.slice(dot + 1);
  // types.UID and its like are strings.
  if (target === 'types') return { card: '=', type: 's' };
  const alias = SPECIAL.has(`${target}.${bare}`) ? undefined : packageOf(target).aliases.get(bare);
  return alias === undefined ? { card: '=', type: `${target}.${bare}` } : typeOf(alias, target, packageOf);
}
