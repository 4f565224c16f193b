/**
 * A set of field paths as a tree, after structured-merge-diff's fieldpath.Set.
 *
 * `members` are the fields that belong to the set, `children` leads to fields below; to be a child is not to be a member.
 * The set operations make new sets and may share subtrees with their operands, so a set is not changed once it is shared.
 */
import type { PathElement } from './path-element.js';

export class FieldSet {
  readonly members: Set<PathElement>;
  readonly children: Map<PathElement, FieldSet>;

  constructor(members: Iterable<PathElement> = [], children: Iterable<readonly [PathElement, FieldSet]> = []) {
    this.members = new Set(members);
    this.children = new Map(children);
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.children.size === 0;
  }

  /** Adds one path; its parents do not become members. The empty path (the whole object) is not tracked. */
  insert(path: readonly PathElement[], from = 0): void {
    const element = path[from];
    if (element === undefined) return;
    if (from === path.length - 1) this.members.add(element);
    else this.descend(element).insert(path, from + 1);
  }

  /** The child set, made if absent. */
  descend(element: PathElement): FieldSet {
    let child = this.children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(element, child);
    }
    return child;
  }

  has(path: readonly PathElement[], from = 0): boolean {
    const element = path[from];
    if (element === undefined) return false;
    return from === path.length - 1
      ? this.members.has(element)
      : (this.children.get(element)?.has(path, from + 1) ?? false);
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet(this.members, this.children);
    for (const member of other.members) result.members.add(member);
    for (const [element, child] of other.children) {
      const own = this.children.get(element);
      result.children.set(element, own === undefined ? child : own.union(child));
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) if (other.members.has(member)) result.members.add(member);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs !== undefined) result.#adopt(element, child.intersection(theirs));
    }
    return result;
  }

  /** Without the members of `other`; what is below a member of `other` stays. */
  difference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) if (!other.members.has(member)) result.members.add(member);
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      result.#adopt(element, theirs === undefined ? child : child.difference(theirs));
    }
    return result;
  }

  /** Without the members of `other` and everything below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const member of this.members) if (!other.members.has(member)) result.members.add(member);
    for (const [element, child] of this.children) {
      if (other.members.has(element)) continue;
      const theirs = other.children.get(element);
      result.#adopt(element, theirs === undefined ? child : child.recursiveDifference(theirs));
    }
    return result;
  }

  equals(other: FieldSet): boolean {
    if (this.members.size !== other.members.size || this.children.size !== other.children.size) return false;
    for (const member of this.members) if (!other.members.has(member)) return false;
    for (const [element, child] of this.children) {
      const theirs = other.children.get(element);
      if (theirs === undefined || !child.equals(theirs)) return false;
    }
    return true;
  }

  /** Every member's path, sorted within each node. */
  *paths(prefix: readonly PathElement[] = []): Generator<PathElement[]> {
    for (const element of [...new Set([...this.members, ...this.children.keys()])].sort()) {
      const path = [...prefix, element];
      if (this.members.has(element)) yield path;
      const child = this.children.get(element);
      if (child !== undefined) yield* child.paths(path);
    }
  }

  /** Nodes without elements are not kept. */
  #adopt(element: PathElement, child: FieldSet): void {
    if (!child.isEmpty) this.children.set(element, child);
  }
}
