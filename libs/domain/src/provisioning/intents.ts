/** What is to be done about a cluster: what the state machine asks of the adapters. */
import type { ClusterStep, DriverCommand, MachineStep } from '@skyflow/contracts';

export type Intent = {
  /** Only one of a key at a time. */
  key: string;
} & (
  | { do: 'record'; steps: ClusterStep[]; machines?: { name: string; step: MachineStep }[] }
  | { do: 'plan' }
  | { do: 'createMachine' | 'prepareMachine' | 'deleteMachine' | 'confirmDeletion'; machine: string }
  /** `isLast`: it would have to be listed by now, so not being there is believed. */
  | { do: 'resolveMachine'; machine: string; isLast?: boolean }
  | { do: 'layGroundwork' | 'clearGroundwork' | 'initialise' | 'verify' }
  | { do: 'run'; command: DriverCommand; recovery: boolean }
  | { do: 'recoverRun' }
);
