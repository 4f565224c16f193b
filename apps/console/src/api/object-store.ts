/**
 * What the console knows of the fleet. Changes are taken at once and shown together a few times a second, so that a thousand of them in
 * a second are a few renderings. Lists keep their identity until something of their kind is shown anew.
 */
import type { ApiObject } from '@skyflow/contracts';
import { type HeldKind, type HeldKinds, heldOf, keyOf } from './objects.js';

export interface Change {
  resource: HeldKind;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: ApiObject;
}

/** What is told of a connection. */
export interface ChangeSink {
  apply(change: Change): void;
  /** Everything of the kind will be told anew. */
  beginAgain(kind: HeldKind): void;
  /** Everything there was has been told; what was not among it since the beginning is gone. */
  synced(kind: HeldKind): void;
}

/** Shortest time between two renderings for changes, ms. */
const SHOWN_EVERY_MS = 120;
/** The same while everything of a kind is being told: each rendering of half a list takes time from reading the other half. */
const SHOWN_MEANWHILE_MS = 1_000;

interface Held {
  objects: Map<string, ApiObject>;
  /** As it is shown. */
  list: readonly ApiObject[];
  /** Everything there was has been told. */
  complete: boolean;
  changed: boolean;
  /** Told since a new beginning; what is not among it when all is told is gone. */
  again: Set<string> | undefined;
}

const NONE: Held = { objects: new Map(), list: [], complete: false, changed: false, again: undefined };

export class ObjectStore implements ChangeSink {
  private readonly kinds = new Map<HeldKind, Held>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The timer is one of those that are not in a hurry. */
  private patient = false;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  list<K extends HeldKind>(kind: K): readonly HeldKinds[K][] {
    return this.held(kind).list as unknown as readonly HeldKinds[K][];
  }

  /** The object as it is shown, undefined if there is none. */
  get<K extends HeldKind>(kind: K, namespace: string, name: string): HeldKinds[K] | undefined {
    return this.held(kind).objects.get(`${namespace}/${name}`) as HeldKinds[K] | undefined;
  }

  isComplete(kind: HeldKind): boolean {
    return this.held(kind).complete;
  }

  apply({ resource, type, object }: Change): void {
    const held = this.own(resource);
    const key = keyOf(object);
    if (type === 'DELETED') held.objects.delete(key);
    else {
      held.objects.set(key, heldOf(object));
      held.again?.add(key);
    }
    this.changed(held);
  }

  /** Everything there is of a kind, at once. */
  fill(kind: HeldKind, objects: readonly ApiObject[]): void {
    const held = this.own(kind);
    held.objects = new Map(objects.map((object) => [keyOf(object), heldOf(object)]));
    held.list = [...held.objects.values()];
    held.complete = true;
  }

  beginAgain(kind: HeldKind): void {
    this.own(kind).again = new Set();
  }

  synced(kind: HeldKind): void {
    const held = this.own(kind);
    held.complete = true;
    if (held.again !== undefined) {
      for (const key of held.objects.keys()) if (!held.again.has(key)) held.objects.delete(key);
      held.again = undefined;
    }
    this.changed(held);
  }

  /** Forgets everything: somebody else signs in. */
  clear(): void {
    this.kinds.clear();
    this.show();
  }

  private held(kind: HeldKind): Held {
    return this.kinds.get(kind) ?? NONE;
  }

  private own(kind: HeldKind): Held {
    let held = this.kinds.get(kind);
    if (held === undefined) this.kinds.set(kind, (held = { ...NONE, objects: new Map() }));
    return held;
  }

  private changed(held: Held): void {
    held.changed = true;
    const telling = !held.complete || held.again !== undefined;
    if (this.timer !== undefined && (telling || !this.patient)) return;
    clearTimeout(this.timer);
    this.patient = telling;
    this.timer = setTimeout(() => this.show(), telling ? SHOWN_MEANWHILE_MS : SHOWN_EVERY_MS);
  }

  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const held of this.kinds.values()) {
      if (!held.changed) continue;
      held.changed = false;
      held.list = [...held.objects.values()];
    }
    for (const listener of this.listeners) listener();
  }
}
