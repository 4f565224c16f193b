/** A pod as views need it, and what it is doing in a word. */
import type { ReactElement } from 'react';
import { Badge } from '../parts/badge.js';

export interface Pod {
  metadata: { name: string; uid: string; creationTimestamp?: string; deletionTimestamp?: string };
  spec?: { nodeName?: string; containers?: { name: string }[] };
  status?: {
    phase?: string;
    reason?: string;
    podIP?: string;
    containerStatuses?: {
      ready: boolean;
      restartCount: number;
      state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode?: number } };
    }[];
  };
}
/** As `kubectl get pods` has it: why a container (or, in the past, the pod) does not run comes before the phase. */
export function PodState({ pod: { metadata, status } }: { pod: Pod }): ReactElement {
  const states = status?.containerStatuses ?? [];
  const stuck = states
    .map(({ state }) => state?.waiting ?? state?.terminated)
    .find((each) => each?.reason !== undefined);
  const phase = status?.phase ?? 'Unknown';
  const word = metadata.deletionTimestamp === undefined ? (stuck?.reason ?? status?.reason ?? phase) : 'Terminating';
  const tone =
    word === 'Running'
      ? 'good'
      : word === 'Succeeded' || word === 'Completed'
        ? 'off'
        : word === 'Failed'
          ? 'bad'
          : 'busy';
  return <Badge word={word} tone={stuck !== undefined && word !== 'Completed' ? 'warn' : tone} />;
}

export const readyText = ({ status, spec }: Pod): string =>
  `${status?.containerStatuses?.filter(({ ready }) => ready).length ?? 0}/${spec?.containers?.length ?? 0}`;
