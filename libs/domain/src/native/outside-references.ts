/** What the pods of a share refer to and SkyFlow does not bring: it must be on the cluster already, or the pods wait. */
import type { DesiredWork } from '../work/desired.js';
import { isRecord } from '../resources/pod-fields.js';
import { podReferences, type PodReference } from '../resources/pod-references.js';

/** Every pod without one has this; the cluster makes it in each namespace. */
const DEFAULT_SERVICE_ACCOUNT = 'default';

/** Sorted, each once; what pods can do without is left out. */
export function outsideReferences({ object, dependencies }: DesiredWork): PodReference[] {
  const template = isRecord(object.spec) ? object.spec.template : undefined;
  const pod = isRecord(template) && isRecord(template.spec) ? template.spec : {};
  const brought = new Set(dependencies.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  const outside = new Map<string, PodReference>();
  for (const reference of podReferences(pod)) {
    const { kind, name, optional } = reference;
    if (optional || brought.has(`${kind} ${name}`)) continue;
    if (kind === 'ServiceAccount' && name === DEFAULT_SERVICE_ACCOUNT) continue;
    // Those of SkyFlow come with the work or are left out (to-native.ts), Kubernetes' are everywhere.
    if (kind === 'PriorityClass') continue;
    outside.set(`${kind} ${name}`, reference);
  }
  return [...outside].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
}

/** How a missing one is named to people, e.g. `ServiceAccount runner`. */
export const referenceText = ({ kind, name }: PodReference): string => `${kind} ${name}`;
