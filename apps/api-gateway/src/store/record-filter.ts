/** Which records a reader gets: those that his selectors match and that he may see. */
import type { ObjectRecord } from '@skyflow/domain';
import { readMeta } from '@skyflow/domain';
import { type ListOptions, type ResourceDefinition, type Selectors, matchesSelectors } from '@skyflow/apimachinery';
import { type KubeObject, matchesLabels, type ObjectKey } from '@skyflow/contracts';
import type { Face } from './face.js';

export type RecordFilter = (record: ObjectRecord) => boolean;

export interface FilteredResource {
  definition: Pick<ResourceDefinition, 'selectableFields'>;
  face: Face;
  /** The record as an API object, for selectors on fields of it. */
  show: (record: ObjectRecord) => KubeObject;
}

/** Undefined: everything matches. */
export function recordFilter(
  resource: FilteredResource,
  { selectors, visible }: Pick<ListOptions, 'selectors' | 'visible'>,
): RecordFilter | undefined {
  const selected = selection(resource, selectors);
  if (visible === undefined) return selected;
  return (record) => visible(keyOf(record)) && (selected === undefined || selected(record));
}

function selection(
  { definition, face, show }: FilteredResource,
  { labels, fields }: Selectors,
): RecordFilter | undefined {
  const shows = face.shows.bind(face);
  const cheap = fields.every(({ path }) => path === 'metadata.name' || path === 'metadata.namespace');
  if (labels.length === 0 && fields.length === 0) return face.kind === 'Job' ? shows : undefined;
  return (record) => {
    if (!shows(record)) return false;
    if (labels.length > 0 && !matchesLabels(labels, readMeta(record).labels ?? {})) return false;
    if (fields.length === 0) return true;
    const object = cheap ? { apiVersion: '', kind: '', metadata: keyOf(record) } : show(record);
    return matchesSelectors({ labels: [], fields }, object, definition.selectableFields);
  };
}

const keyOf = ({ namespace, name }: ObjectRecord): ObjectKey => (namespace === '' ? { name } : { namespace, name });
