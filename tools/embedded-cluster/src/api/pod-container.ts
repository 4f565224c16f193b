/** Which container of a pod a request for logs or exec means (registry/core/pod LogLocation, in its words). */
import { badRequest } from '@skyflow/apimachinery';
import type { Pod } from '../model/pod.js';

/** @throws StatusError 400 when the name is not one of the pod's, or none is given and there are several. */
export function containerOf(pod: Pod, asked: string | null): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ name }) => name);
  const { name } = pod.metadata;
  if (asked !== null && asked !== '') {
    if (all.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}; it has: ${all.join(', ')}`);
  }
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (chosen !== undefined && all.includes(chosen)) return chosen;
  const [only] = pod.spec.containers;
  if (only !== undefined && pod.spec.containers.length === 1) return only.name;
  const choices = pod.spec.containers.map((container) => container.name).join(' ');
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${choices}]`);
}
