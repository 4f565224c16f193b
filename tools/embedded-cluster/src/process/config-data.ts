/** Contents of config maps and secrets: as bytes for volumes, as text for the environment. */
import type { KubeObject } from '@skyflow/contracts';

type Texts = Record<string, string>;

export function binaryData(object: KubeObject | undefined): Record<string, Buffer> | undefined {
  if (object === undefined) return undefined;
  const encoded = object.kind === 'Secret' ? object['data'] : object['binaryData'];
  const plain = object.kind === 'Secret' ? undefined : object['data'];
  const result: Record<string, Buffer> = {};
  for (const [key, value] of Object.entries((plain ?? {}) as Texts)) result[key] = Buffer.from(value, 'utf8');
  for (const [key, value] of Object.entries((encoded ?? {}) as Texts)) result[key] = Buffer.from(value, 'base64');
  return result;
}

export function textData(object: KubeObject | undefined): Texts | undefined {
  if (object === undefined) return undefined;
  if (object.kind !== 'Secret') return (object['data'] ?? {}) as Texts;
  const entries = Object.entries((object['data'] ?? {}) as Texts);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}
