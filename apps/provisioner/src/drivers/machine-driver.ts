/** Where machines come from: one interface for all drivers. */
import type { ProvisionFailure, ProvisionOffer, ProvisionSpec } from '@skyflow/contracts';
import type { ListedMachine, MachineLogin, Orphan, ProvisionMachine } from '@skyflow/domain';

export interface MachineContext {
  cluster: { name: string; uid: string };
  /** The installation: machines of others in the same account are never touched. */
  owner: string;
  spec: ProvisionSpec;
  /** What came of laying it. */
  groundwork: Readonly<Record<string, string>>;
  /** To be let in with, as authorized_keys has it. */
  publicKey: () => string;
  signal: AbortSignal;
}

export interface CreatedMachine {
  providerId: string;
  address?: string;
  internalAddress?: string;
  /** Others that were made for the same request and have been ended. */
  removed?: string[];
  /** How one gets in. */
  login?: MachineLogin;
}

export interface MachineDriver {
  /** What it has that is enough, with prices. */
  offers(context: Pick<MachineContext, 'spec' | 'signal'>): Promise<ProvisionOffer[]>;
  /** What the machines of a cluster share in a region; may be repeated. What machines are then asked for with. @throws ProvisionError */
  layGroundwork(region: string, context: MachineContext): Promise<Record<string, string>>;
  /** Takes it away; resolves when the provider has none of it. @throws ProvisionError */
  clearGroundwork(region: string, context: MachineContext): Promise<void>;
  /**
   * With the same token, the same machine. @throws ProvisionError when it was refused: nothing was made; UnknownOutcomeError when
   * nobody can say.
   */
  create(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine>;
  /** Looks for a machine whose creation had no answer; undefined: it is not there. */
  find(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine | undefined>;
  /** Regions that machines may be in. @param known those of clusters that there are. */
  regions(known: readonly string[]): readonly string[];
  /**
   * All that is alive in a region with the mark of the installation, and what such machines share.
   * @param tell of each kind of what they share that may not be listed; it is left out.
   * @throws ProvisionError: then nothing is known of it.
   */
  list(
    region: string,
    owner: string,
    signal: AbortSignal,
    tell?: (failure: ProvisionFailure) => void,
  ): Promise<ListedMachine[]>;
  /** Asks for the end of one that belongs to no cluster, if it still has the mark. @throws ProvisionError */
  endOrphan(orphan: Pick<Orphan, 'region' | 'id' | 'ground'>, owner: string, signal: AbortSignal): Promise<void>;
  /** Asks for its end; of whatever carries its name. */
  delete(machine: ProvisionMachine, context: MachineContext): Promise<void>;
  /** Whether the provider has nothing of it any more. */
  isGone(machine: ProvisionMachine, context: MachineContext): Promise<boolean>;
}

/** A call had no answer: what it asked for may have been done. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}
