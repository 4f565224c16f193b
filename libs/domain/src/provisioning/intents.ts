/** What is to be done about a cluster: what the state machine asks of the adapters. */
import type { ClusterStep, MachineStep } from '@skyflow/contracts';

export type Intent = {
  /** Only one of a key at a time. */
  key: string;
} & (
  | { do: 'record'; steps: ClusterStep[]; machines?: { name: string; step: MachineStep }[] }
  | { do: 'plan' }
  | { do: 'createMachine' | 'resolveMachine' | 'prepareMachine' | 'deleteMachine' | 'confirmDeletion'; machine: string }
  | { do: 'initialise' | 'verify' }
  | { do: 'run'; command: 'up' | 'remove'; recovery: boolean }
  | { do: 'recoverRun' }
);
