/** Names of mirrored objects: unique over clusters, and readable. */

/** Label of every mirrored object: the cluster that it is in. */
export const LABEL_CLUSTER = 'skyflow.io/cluster';

/** `<pod>.<cluster>`: cluster names have no dots. */
export const podName = (pod: string, cluster: string): string => `${pod}.${cluster}`;

/** Undefined if it is no such name. */
export function partsOfPodName(name: string): { pod: string; cluster: string } | undefined {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? undefined : { pod: name.slice(0, dot), cluster: name.slice(dot + 1) };
}

/** `<cluster>.<node>` */
export const nodeName = (node: string, cluster: string): string => `${cluster}.${node}`;
