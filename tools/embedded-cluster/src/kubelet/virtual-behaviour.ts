/**
 * How a virtual pod behaves: the cluster's defaults, overridden by the pod's own annotations `embedded.skyflow.io/…`.
 * Values that do not parse are ignored in favour of the default and said in the pod's log.
 */
import { restartPolicyOf } from '../model/pod-facts.js';
import type { Pod } from '../model/pod.js';

const BEHAVIOUR_PREFIX = 'embedded.skyflow.io/';

export interface VirtualBehaviour {
  /** From binding to running. */
  startDelayMs: number;
  /** From running to ready. */
  readyDelayMs: number;
  /** From a delete to gone. */
  stopDelayMs: number;
  /** How long containers run; undefined: until they are deleted. */
  runMs?: number;
  exitCode: number;
  /** Reason that the container cannot start, e.g. `ImagePullBackOff`; it then waits for ever. */
  stuck?: string;
}

export interface VirtualDefaults {
  startDelayMs: number;
  readyDelayMs: number;
  stopDelayMs: number;
  /** Run time of pods that run to completion (restartPolicy OnFailure or Never). */
  jobRunMs: number;
}

export const VIRTUAL_DEFAULTS: VirtualDefaults = {
  startDelayMs: 500,
  readyDelayMs: 0,
  stopDelayMs: 200,
  jobRunMs: 5000,
};

export function behaviourOf(pod: Pod, defaults: VirtualDefaults): VirtualBehaviour {
  const annotations = pod.metadata.annotations ?? {};
  const number = (name: string, scale: number): number | undefined => {
    const text = annotations[BEHAVIOUR_PREFIX + name];
    return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) * scale : undefined;
  };
  const toCompletion = restartPolicyOf(pod) !== 'Always';
  const exitCode = number('exit-code', 1);
  const crashes = restartPolicyOf(pod) === 'Always' && exitCode !== undefined;
  const runMs = number('run-seconds', 1000) ?? (toCompletion ? defaults.jobRunMs : crashes ? 0 : undefined);
  const stuck = annotations[`${BEHAVIOUR_PREFIX}stuck`];
  return {
    startDelayMs: number('start-delay-seconds', 1000) ?? defaults.startDelayMs,
    readyDelayMs: number('ready-delay-seconds', 1000) ?? defaults.readyDelayMs,
    stopDelayMs: number('stop-delay-seconds', 1000) ?? defaults.stopDelayMs,
    ...(runMs === undefined ? {} : { runMs }),
    exitCode: exitCode ?? 0,
    ...(stuck === undefined ? {} : { stuck }),
  };
}
