/** What commands that go into the same commit take of the quotas: they are all decided against the state before it. */
import type { ResourceList } from '@skyflow/contracts';

export class QuotaClaims {
  private constructor(private readonly claimed: Map<string, ResourceList>) {}

  static none(): QuotaClaims {
    return new QuotaClaims(new Map());
  }

  /** Base units, by name of the quota's resource. */
  of(namespace: string, name: string): number {
    return this.claimed.get(namespace)?.[name] ?? 0;
  }

  /** These and more; this one stays as it is. */
  with(namespace: string | undefined, more: ResourceList | undefined): QuotaClaims {
    if (namespace === undefined || more === undefined || Object.keys(more).length === 0) return this;
    const sums = { ...this.claimed.get(namespace) };
    for (const [name, amount] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + amount;
    return new QuotaClaims(new Map(this.claimed).set(namespace, sums));
  }
}
