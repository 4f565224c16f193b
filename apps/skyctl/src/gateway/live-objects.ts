/** All objects of some kinds, kept as they are now by a watch on each. */
import type { ApiObject } from '@skyflow/contracts';
import type { Session } from '../session.js';
import { follow } from './follow.js';
import type { ResourceKind } from './kinds.js';
import type { Selection } from './listing.js';
import { listObjects } from './listing.js';

export class LiveObjects {
  readonly #objects = new Map<ResourceKind, Map<string, ApiObject>>();

  constructor(
    private readonly session: Session,
    private readonly kinds: readonly ResourceKind[],
    private readonly selection: Selection = {},
  ) {}

  of<T extends ApiObject>(kind: ResourceKind): T[] {
    return [...(this.#objects.get(kind)?.values() ?? [])] as T[];
  }

  /** Once, without watching. */
  async load(): Promise<void> {
    const gateway = await this.session.gateway();
    const lists = await Promise.all(this.kinds.map((kind) => listObjects(gateway, kind, this.selectionFor(kind))));
    this.kinds.forEach((kind, index) =>
      this.#replace(
        kind,
        (lists[index]?.items ?? []).map(({ object }) => object),
      ),
    );
  }

  /** Until the signal aborts. @throws CliError when the server refuses one of the watches. */
  async follow(
    changed: () => void,
    signal: AbortSignal,
    onConnection: (error: Error | undefined) => void,
  ): Promise<void> {
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const one = async (kind: ResourceKind): Promise<void> => {
      try {
        await this.#followKind(kind, changed, either, onConnection);
      } catch (error) {
        failed.abort();
        throw error;
      }
    };
    await Promise.all(this.kinds.map(one));
  }

  async #followKind(
    kind: ResourceKind,
    changed: () => void,
    signal: AbortSignal,
    onConnection: (error: Error | undefined) => void,
  ): Promise<void> {
    const settings = { signal, onConnection };
    for await (const change of follow(await this.session.gateway(), kind, this.selectionFor(kind), settings)) {
      if (change.type === 'LIST') {
        this.#replace(
          kind,
          change.listing.items.map(({ object }) => object),
        );
      } else if (change.type === 'DELETED') this.#objects.get(kind)?.delete(keyOf(change.item.object));
      else this.#objects.get(kind)?.set(keyOf(change.item.object), change.item.object);
      changed();
    }
  }

  private selectionFor({ namespaced }: ResourceKind): Selection {
    const { namespace: _, ...rest } = this.selection;
    return namespaced ? this.selection : rest;
  }

  #replace(kind: ResourceKind, objects: readonly ApiObject[]): void {
    this.#objects.set(kind, new Map(objects.map((object) => [keyOf(object), object])));
  }
}

const keyOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
