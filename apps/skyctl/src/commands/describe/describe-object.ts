/** The parts of a description that every kind has. */
import type { ApiObject, Condition } from '@skyflow/contracts';
import { ageOf } from '../../output/age.js';
import { toYaml } from '../../output/documents.js';
import { renderTable } from '../../output/table.js';

export function describeMetadata({ apiVersion, kind, metadata }: ApiObject, nowMs: number): string {
  const { name, namespace, labels, annotations, creationTimestamp, deletionTimestamp, uid } = metadata;
  return fields([
    ['Name', name],
    ...(namespace === undefined ? [] : ([['Namespace', namespace]] as const)),
    ['Kind', `${kind} (${apiVersion})`],
    ['Labels', pairs(labels)],
    ['Annotations', pairs(shown(annotations))],
    ['Created', `${creationTimestamp} (${ageOf(creationTimestamp, nowMs)} ago)`],
    ...(deletionTimestamp === undefined
      ? []
      : ([['Deleting', `since ${deletionTimestamp} (${ageOf(deletionTimestamp, nowMs)})`]] as const)),
    ['UID', uid],
  ]);
}

/** kubectl's copy of what was applied; of a Secret it holds the values. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const shown = (annotations: Record<string, string> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => name !== LAST_APPLIED));

/** Everything but metadata, as YAML; of a Secret's values only their size, as kubectl does. */
export async function describeRest(object: ApiObject): Promise<string[]> {
  const { apiVersion: _, kind, metadata: ___, ...rest } = object;
  if (kind === 'Secret') return describeSecret(rest as SecretFields);
  return Object.keys(rest).length === 0 ? [] : ['', (await toYaml(rest)).trimEnd()];
}

interface SecretFields {
  type?: string;
  immutable?: boolean;
  data?: Record<string, string>;
}

function describeSecret({ type = 'Opaque', immutable, data = {} }: SecretFields): string[] {
  const sizes = Object.entries(data).map(
    ([name, value]) => [name, `${Buffer.from(value, 'base64').length} bytes`] as const,
  );
  return [
    fields([['Type', type], ...(immutable === true ? ([['Immutable', 'true']] as const) : [])]),
    ...section('Data', sizes.length === 0 ? '<none>' : fields(sizes)),
  ];
}

/** So that the blocks of one description are aligned with each other. */
const TITLE_WIDTH = 'Last heartbeat:'.length;

/** `Title:` and values, aligned; further lines of a value below its first. */
export function fields(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(TITLE_WIDTH, ...entries.map(([title]) => title.length + 1));
  return entries
    .map(([title, value]) => {
      const [first = '', ...more] = value.split('\n');
      return [`${`${title}:`.padEnd(width)}  ${first}`, ...more.map((line) => `${' '.repeat(width)}  ${line}`)].join(
        '\n',
      );
    })
    .join('\n');
}

export const section = (title: string, text: string): string[] => ['', `${title}:`, indent(text)];

export function conditionsSection(conditions: readonly Condition[] | undefined, nowMs: number): string[] {
  if (conditions === undefined || conditions.length === 0) return [];
  const rows = conditions.map(({ type, status, reason, message, lastTransitionTime }) => [
    type,
    status,
    ageOf(lastTransitionTime, nowMs),
    reason,
    message,
  ]);
  return section('Conditions', renderTable({ columns: ['Type', 'Status', 'Since', 'Reason', 'Message'], rows }));
}

export const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');

const pairs = (map: Record<string, string> | undefined): string =>
  Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join('\n') || '<none>';
