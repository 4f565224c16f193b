/** A cloud for tests: its driver, its fake, and the bad days that all clouds have, in words that all of them share. */
import type { ProvisionCloud } from '@skyflow/contracts';
import type { ProvisionMachine } from '@skyflow/domain';
import type { MachineContext, MachineDriver } from '../drivers/machine-driver.js';

/** What can go wrong with a call. */
export type CloudCall = 'offers' | 'groundwork' | 'create' | 'list' | 'delete';
/** As what a cloud refuses; `throttled` passes. */
export type Refusal = 'capacity' | 'quota' | 'auth' | 'config' | 'throttled';

export interface CloudHarness {
  provider: ProvisionCloud['provider'];
  driver: MachineDriver;
  region: string;
  /** What is asked for in tests, and what is the offer of it. */
  cloud: ProvisionCloud;
  offer: NonNullable<ProvisionMachine['offer']>;
  /** Changes the weather. */
  setTimes(times: { visibleAfterMs?: number; lingerMs?: number }): void;
  refuse(call: CloudCall, as: Refusal, times?: number): void;
  /** Carried out, and the answer is lost. */
  lose(call: CloudCall, times?: number): void;
  /** The answer comes later than it is waited for, which is {@link ANSWER_MS}. */
  late(call: CloudCall): void;
  /** Names of machines that cost money, by what marks them. */
  alive(): string[];
  /** All that were ever made. */
  made(): number;
  /** Parts of groundworks that are there. */
  ground(): number;
  /** A machine that nobody knows of; its id. @param owner of its mark; undefined: it has none. */
  stray(name: string, owner: string | undefined): string;
  /** It vanishes, as when somebody ends it by hand. */
  vanish(name: string): void;
  stop(): Promise<void>;
}

/** For so long harnesses let their drivers wait for an answer. */
export const ANSWER_MS = 4_000;
export const LATE_MS = 6_000;

export const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAkYmP0N6o1T0pb6CBc4i4l3Jd0i3o2fC4z6r1yqgF7h skyflow';

/** What a driver is asked with. */
export const contextOf = (cloud: ProvisionCloud, owner = 'here'): MachineContext => ({
  cluster: { name: 'prod-eu', uid: 'u1-00000000' },
  owner,
  spec: { cloud },
  groundwork: {},
  publicKey: () => PUBLIC_KEY,
  signal: new AbortController().signal,
});

/** A machine that is about to be asked for. */
export const machineOf = (
  { provider, offer }: Pick<CloudHarness, 'provider' | 'offer'>,
  name = 'prod-eu-u1-0',
  token = 't0',
): ProvisionMachine => ({
  ...{ name, driver: provider, roles: [], token, phase: 'CreateIntended', sinceMs: 0, intendedMs: 0, failures: {} },
  offer,
});
