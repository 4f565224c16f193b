/**
 * A log as it would be with another configuration: policies, queues and priority classes in place of those of the same name (or beside those
 * that there are), and what is said of clusters, such as labels, prices and taints. Everything else is as it was, decisions too: each is
 * decided again from where things were.
 */
import type { Entry, StoredObject } from '@skyflow/contracts';

/** What it may have: what is configured, and no work. */
export const CONFIGURATION_KINDS: readonly string[] = ['PlacementPolicy', 'Queue', 'PriorityClass', 'Cluster'];
const NAMESPACED = 'PlacementPolicy';

type Given = Pick<StoredObject, 'apiVersion' | 'kind'> & {
  metadata: { name: string; namespace?: string | undefined; labels?: Record<string, string> | undefined };
};

export class OtherConfiguration {
  private readonly objects: ReadonlyMap<string, StoredObject>;

  /** @throws RangeError for a kind that configures nothing. */
  constructor(objects: readonly Given[]) {
    this.objects = new Map(
      objects.map((object) => {
        const { kind, metadata } = object;
        if (!CONFIGURATION_KINDS.includes(kind)) {
          throw new RangeError(
            `${kind} ${metadata.name} is no configuration of a scheduler; give ${CONFIGURATION_KINDS.join(', ')}`,
          );
        }
        const stored = { ...object, metadata: { ...metadata, ...namespaceOf(object), ...ORIGIN } } as StoredObject;
        return [keyOf(kind, stored.metadata.namespace, metadata.name), stored];
      }),
    );
  }

  get size(): number {
    return this.objects.size;
  }

  /** Whether it says anything of clusters. */
  get hasClusters(): boolean {
    return [...this.objects.values()].some(({ kind }) => kind === 'Cluster');
  }

  /** What it puts over the state that a log is taken up with, which has these clusters. Clusters are only changed where they are. */
  over(clusters: readonly StoredObject[]): StoredObject[] {
    const others = [...this.objects.values()].filter(({ kind }) => kind !== 'Cluster');
    const changes = clusters.flatMap((was) => {
      const other = this.objects.get(keyOf(was.kind, was.metadata.namespace, was.metadata.name));
      return other === undefined ? [] : [changed(was, other)];
    });
    return [...others, ...changes];
  }

  /** The entry as it would be. */
  instead(entry: Entry): Entry {
    if (entry.type === 'ObjectDeleted') {
      const { kind, namespace, name } = entry.data.ref;
      const object = kind === 'Cluster' ? undefined : this.objects.get(keyOf(kind, namespace, name));
      return object === undefined ? entry : { ...entry, type: 'ObjectCreated', data: { object } };
    }
    if (entry.type !== 'ObjectCreated' && entry.type !== 'ObjectUpdated') return entry;
    const { object: was } = entry.data;
    const other = this.objects.get(keyOf(was.kind, was.metadata.namespace, was.metadata.name));
    if (other === undefined) return entry;
    const object = was.kind === 'Cluster' ? changed(was, other) : other;
    return { ...entry, data: { ...entry.data, object } } as Entry;
  }
}

const ORIGIN = { uid: 'other-configuration', creationTimestamp: '1970-01-01T00:00:00Z' };

const namespaceOf = ({ kind, metadata }: Given): { namespace?: string } =>
  kind === NAMESPACED ? { namespace: metadata.namespace ?? 'default' } : {};

const keyOf = (kind: string, namespace = '', name: string): string => `${kind} ${namespace}/${name}`;

/** A cluster stays the one that it is; what is said of it is said otherwise. */
function changed(was: StoredObject, { spec, metadata: { labels } }: StoredObject): StoredObject {
  return {
    ...was,
    metadata: { ...was.metadata, ...(labels !== undefined && { labels }) },
    spec: { ...(was.spec as object), ...(spec as object | undefined) },
  };
}
