/** Where machines come from: one interface for all drivers. */
import type { ProvisionOffer, ProvisionSpec } from '@skyflow/contracts';
import type { ProvisionMachine } from '@skyflow/domain';

export interface MachineContext {
  cluster: { name: string; uid: string };
  spec: ProvisionSpec;
  signal: AbortSignal;
}

export interface CreatedMachine {
  providerId: string;
  address?: string;
  internalAddress?: string;
}

export interface MachineDriver {
  /** What it has that is enough, with prices. */
  offers(context: Omit<MachineContext, 'cluster'>): Promise<ProvisionOffer[]>;
  /**
   * With the same token, the same machine. @throws ProvisionError when it was refused: nothing was made; UnknownOutcomeError when
   * nobody can say.
   */
  create(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine>;
  /** Looks for a machine whose creation had no answer; undefined: it is not there. */
  find(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine | undefined>;
  /** Asks for its end; of whatever carries its name. */
  delete(machine: ProvisionMachine, context: MachineContext): Promise<void>;
  /** Whether the provider has nothing of it any more. */
  isGone(machine: ProvisionMachine, context: MachineContext): Promise<boolean>;
}

/** A call had no answer: what it asked for may have been done. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}
