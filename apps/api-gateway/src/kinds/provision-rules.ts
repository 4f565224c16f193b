/** Rules on Clusters that SkyFlow builds. */
import {
  equalJson,
  FINALIZER_PROVISIONER,
  invalidCause,
  type KubeObject,
  PROVISION_REQUESTS,
  type ProvisionSpec,
  type StatusCause,
} from '@skyflow/contracts';
import { provisionProblems } from '@skyflow/domain';

interface Spec {
  context?: string;
  kubeconfig?: string;
  provision?: ProvisionSpec;
}

const specOf = (object: KubeObject): Spec => object.spec ?? {};

/** Such a Cluster stays until its machines are taken away, whoever deletes it and however. */
export function keepUntilTakenDown(object: KubeObject): void {
  if (specOf(object).provision === undefined) return;
  const { finalizers = [] } = object.metadata;
  if (!finalizers.includes(FINALIZER_PROVISIONER)) {
    object.metadata.finalizers = [...finalizers, FINALIZER_PROVISIONER];
  }
}

export function provisionCauses(object: KubeObject): StatusCause[] {
  const { provision, context, kubeconfig } = specOf(object);
  if (provision === undefined) return [];
  const attached = { context, kubeconfig };
  return [
    ...Object.entries(attached).flatMap(([field, value]) =>
      value === undefined
        ? []
        : [invalidCause(`spec.${field}`, value, 'is of a cluster that is there already; remove it, or spec.provision')],
    ),
    ...provisionProblems(provision).map(({ field, value, rule }) =>
      invalidCause(`spec.provision.${field}`, value, rule),
    ),
  ];
}

/** What cannot be changed once machines may have been made by it. */
export function provisionUpdateCauses(object: KubeObject, old: KubeObject): StatusCause[] {
  const [next, before] = [specOf(object).provision, specOf(old).provision];
  if (next === undefined && before === undefined) return [];
  if (next === undefined || before === undefined) {
    const rule =
      before === undefined
        ? 'cannot be added: this cluster is attached, SkyFlow did not build it'
        : 'cannot be removed; delete the cluster, with deletionPolicy Retain if its machines are to stay';
    return [invalidCause('spec.provision', next ?? null, rule)];
  }
  const fixed: [string, unknown, unknown][] = [
    ['driver', next.driver ?? 'rke', before.driver ?? 'rke'],
    ['network', next.network, before.network],
    ['hosts', next.hosts === undefined, before.hosts === undefined],
    ['cloud', without(next.cloud), without(before.cloud)],
  ];
  const immutable = fixed
    .filter(([, now, was]) => !equalJson(now ?? null, was ?? null))
    .map(([field, now]) =>
      invalidCause(`spec.provision.${field}`, now ?? null, 'is immutable; delete the cluster and create it anew'),
    );
  return [...immutable, ...loweredRequests(next, before)];
}

/** A number that has grown means something that was done. */
const loweredRequests = (next: ProvisionSpec, before: ProvisionSpec): StatusCause[] =>
  PROVISION_REQUESTS.flatMap((name) => {
    const [now, was] = [next[name]?.generation ?? 0, before[name]?.generation ?? 0];
    const rule = `must not be less than it was, ${String(was)}; raise it by one to ask again`;
    return now < was ? [invalidCause(`spec.provision.${name}.generation`, now, rule)] : [];
  });

/** The number of machines may change, and by what it changes itself. */
function without(cloud: ProvisionSpec['cloud']): unknown {
  if (cloud === undefined) return undefined;
  const { nodes: _nodes, autoscale: _autoscale, ...rest } = cloud;
  return rest;
}
