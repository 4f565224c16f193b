/**
 * Which endpoints of other clusters a service uses now, as its `spread` says; pods of other clusters are let go over a ramp when local
 * ones are back. Decided here, where the local pods are seen first, so that it goes on while the control plane is away.
 */
import type { Endpoint, ServiceSpec } from '@skyflow/contracts';
import {
  DEFAULT_RAMP_SECONDS,
  limited,
  rampedQuota,
  spreadQuotas,
  type DesiredService,
  type Ramp,
} from '@skyflow/domain';

export interface Limited {
  /** By source; those that are not used are not ready. */
  endpoints: Map<string, Endpoint[]>;
  /** When to look again, ms; undefined: when something changes. */
  againMs: number | undefined;
}

export class ServiceSpread {
  /** By uid of the service, then by source. */
  private readonly ramps = new Map<string, Map<string, Ramp>>();

  /** @param local ready endpoints of this cluster. @param remote by source, those that are reached. */
  limit({ ref, object }: DesiredService, local: number, remote: ReadonlyMap<string, readonly Endpoint[]>): Limited {
    const spec = object['spec'] as ServiceSpec;
    if ((spec.spread ?? 'pods') === 'pods') {
      this.ramps.delete(ref.uid);
      return { endpoints: new Map([...remote].map(([source, all]) => [source, [...all]])), againMs: undefined };
    }
    const ready = new Map([...remote].map(([source, all]) => [source, all.filter((each) => each.ready).length]));
    const { rampSeconds = DEFAULT_RAMP_SECONDS } = spec.localFirst ?? {};
    const before = this.ramps.get(ref.uid);
    const next = new Map<string, Ramp>();
    const endpoints = new Map<string, Endpoint[]>();
    let againMs: number | undefined;
    for (const [source, wanted] of spreadQuotas(spec, local, ready)) {
      const terms = { ready: ready.get(source) ?? 0, rampSeconds: spec.spread === 'local-first' ? rampSeconds : 0 };
      const ramp = rampedQuota(before?.get(source), wanted, { ...terms, nowMs: performance.now() });
      next.set(source, ramp);
      endpoints.set(source, limited(remote.get(source) ?? [], ramp.quota, ref.uid));
      againMs = ramp.againMs === undefined ? againMs : Math.min(ramp.againMs, againMs ?? Infinity);
    }
    this.ramps.set(ref.uid, next);
    return { endpoints, againMs };
  }

  forget(uid: string): void {
    this.ramps.delete(uid);
  }
}
