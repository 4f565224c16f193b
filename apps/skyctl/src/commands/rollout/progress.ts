/** How far a change of the pod template has come, in words. */
import { type WorkloadStatus, isRolling } from '@skyflow/contracts';
import type { Workload } from './workloads.js';

export interface Progress {
  /** `failed`: it will not go on by itself. */
  state: 'done' | 'going' | 'failed';
  text: string;
}

export function progressOf({ metadata, status }: Workload): Progress {
  if (status === undefined) return { state: 'going', text: 'waiting for the scheduler' };
  const { rollout, clusters, ready, replicas, phase, message } = status;
  if (rollout !== undefined) {
    if (rollout.state !== 'Progressing')
      return { state: 'failed', text: `${inWords[rollout.state]}: ${rollout.message}` };
    return { state: 'going', text: [rollout.message, updating(rollout)].filter(Boolean).join('; ') };
  }
  const generation = metadata.generation ?? 1;
  if (status.observedGeneration < generation) {
    return { state: 'going', text: message ?? `waiting until all clusters have generation ${generation}` };
  }
  if (phase === 'FAILED') return { state: 'failed', text: `failed: ${message ?? 'no reason is known'}` };
  const rolling = clusters.filter(isRolling);
  if (rolling.length > 0) {
    return { state: 'going', text: rolling.map((each) => `${each.cluster}: ${each.message ?? ''}`).join('; ') };
  }
  if (phase === 'RUNNING' || phase === 'COMPLETED') {
    const on = clusters.map(({ cluster }) => cluster).join(', ');
    return {
      state: 'done',
      text: `rolled out: ${ready} of ${replicas} replicas are ready${on === '' ? '' : ` on ${on}`}`,
    };
  }
  return { state: 'going', text: message ?? `${ready} of ${replicas} replicas are ready` };
}

const inWords = { RolledBack: 'rolled back', Stopped: 'stopped' } as const;

function updating({ clusters }: NonNullable<WorkloadStatus['rollout']>): string {
  const names = clusters.filter(({ state }) => state === 'Updating').map(({ cluster }) => cluster);
  const failed = clusters.filter(({ state }) => state === 'Failed').map(({ cluster }) => cluster);
  return [
    ...(names.length > 0 ? [`updating ${names.join(', ')}`] : []),
    ...(failed.length > 0 ? [`failed: ${failed.join(', ')}`] : []),
  ].join('; ');
}
