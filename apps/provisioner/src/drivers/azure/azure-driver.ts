/**
 * Machines of Azure. Each is made by PUT under a name that is worked out, in the resource group of its cluster, so that none is ever made
 * twice. Tags say whose it is: what has another owner's is never touched.
 */
import type { VirtualMachine } from '@azure/arm-compute';
import type { ProvisionOffer } from '@skyflow/contracts';
import type { ListedMachine, Orphan, ProvisionMachine } from '@skyflow/domain';
import { ProvisionError } from '../../provision-error.js';
import { loginOf, offersByRegion } from '../cloud-options.js';
import type { CreatedMachine, MachineContext, MachineDriver } from '../machine-driver.js';
import type { AzureAccount } from './azure-account.js';
import { asFailure, asOutcome, isAbsent } from './azure-errors.js';
import { clearGroundwork, deleteGroup, groupsOf, layGroundwork } from './azure-groundwork.js';
import { azureName, groupName } from './azure-names.js';
import { offersIn } from './azure-offers.js';
import type { AzureOptions } from './azure-options.js';
import { virtualMachineOf } from './azure-request.js';

const ENDED = /^(PowerState\/(stopped|stopping|deallocat(ed|ing))|ProvisioningState\/(deleting|failed))/;

export class AzureDriver implements MachineDriver {
  constructor(
    private readonly account: AzureAccount,
    private readonly options: AzureOptions,
  ) {}

  offers({ spec, signal }: Pick<MachineContext, 'spec' | 'signal'>): Promise<ProvisionOffer[]> {
    return offersByRegion(spec, this.options.regions, (region, cloud) =>
      this.told(`offers in ${region}`, offersIn(this.account, region, cloud, this.options, signal)),
    );
  }

  layGroundwork(region: string, context: MachineContext): Promise<Record<string, string>> {
    return this.told(`resource group in ${region}`, layGroundwork(this.account, region, context, this.options));
  }

  clearGroundwork(region: string, context: MachineContext): Promise<void> {
    return this.told(`resource group in ${region}`, clearGroundwork(this.account, context));
  }

  async create(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine> {
    const { signal } = context;
    const group = groupName(context);
    const name = azureName(machine.name);
    const doing = `${machine.offer?.type ?? ''} in ${machine.offer?.zone ?? machine.offer?.region ?? ''}`;
    try {
      const wanted = virtualMachineOf(machine, context, this.options.user);
      await this.account.call(signal, async ({ compute }, options) =>
        compute.virtualMachines.createOrUpdate(group, name, wanted, options),
      );
      return this.created(group, name);
    } catch (error) {
      signal.throwIfAborted();
      const outcome = asOutcome(error, doing);
      // What was begun and refused leaves a machine that is none. If it cannot be told to end now, it is when the cluster lets go of it.
      if (outcome instanceof ProvisionError) await this.delete(machine, context).catch(() => undefined);
      throw outcome;
    }
  }

  /** What has ended by itself is not it any more, and says why. */
  async find(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine | undefined> {
    const group = groupName(context);
    const found = await this.own(group, azureName(machine.name), context.owner, context.signal);
    if (found === undefined) return undefined;
    const ended = statusesOf(found).find((status) => ENDED.test(status));
    if (ended === undefined) {
      const addresses = await this.told(`address of ${machine.name}`, this.addressesOf(group, found, context.signal));
      return { ...this.created(group, azureName(machine.name)), ...addresses };
    }
    if (machine.providerId === idOf(group, azureName(machine.name))) throw endedByItself(found, ended);
    return undefined;
  }

  async delete(machine: ProvisionMachine, context: MachineContext): Promise<void> {
    await this.end(groupName(context), azureName(machine.name), context.owner, context.signal);
  }

  async isGone(machine: ProvisionMachine, context: MachineContext): Promise<boolean> {
    const found = await this.own(groupName(context), azureName(machine.name), context.owner, context.signal);
    return found === undefined;
  }

  regions(known: readonly string[]): readonly string[] {
    return [...new Set([...this.options.regions, ...known])];
  }

  list(region: string, owner: string, signal: AbortSignal): Promise<ListedMachine[]> {
    const listed = this.account.list(signal, ({ compute }, options) =>
      compute.virtualMachines.listByLocation(region, options),
    );
    return this.told(
      `virtual machines in ${region}`,
      Promise.all([listed, groupsOf(this.account, region, owner, signal)]).then(([all, groups]) => [
        ...all.filter(({ tags }) => tags?.['skyflow-owner'] === owner).map(listedOf),
        ...groups,
      ]),
    );
  }

  async endOrphan({ id, ground }: Pick<Orphan, 'id' | 'ground'>, owner: string, signal: AbortSignal): Promise<void> {
    if (ground === true) {
      await this.told(`end of resource group ${id}`, deleteGroup(this.account, id, { owner, signal }));
      return;
    }
    const [group = '', name = ''] = id.split('/');
    await this.end(group, name, owner, signal);
  }

  private created(group: string, name: string): CreatedMachine {
    return {
      providerId: idOf(group, name),
      login: loginOf(this.options),
    };
  }

  /** The interface was made with the machine, and has its addresses. */
  private async addressesOf(
    group: string,
    { networkProfile }: VirtualMachine,
    signal: AbortSignal,
  ): Promise<Pick<CreatedMachine, 'address' | 'internalAddress'>> {
    const id = networkProfile?.networkInterfaces?.[0]?.id;
    if (id === undefined) return {};
    const found = await this.account.call(signal, ({ network }, options) =>
      network.networkInterfaces.get(group, lastPart(id), { ...options, expand: 'ipConfigurations/publicIPAddress' }),
    );
    const [configuration] = found.ipConfigurations ?? [];
    const address = configuration?.publicIPAddress?.ipAddress;
    const internalAddress = configuration?.privateIPAddress;
    return {
      ...(address === undefined ? {} : { address }),
      ...(internalAddress === undefined ? {} : { internalAddress }),
    };
  }

  /** Undefined: it is not there, or another's. */
  private async own(
    group: string,
    name: string,
    owner: string,
    signal: AbortSignal,
  ): Promise<VirtualMachine | undefined> {
    try {
      const found = await this.account.call(signal, ({ compute }, options) =>
        compute.virtualMachines.get(group, name, { ...options, expand: 'instanceView' }),
      );
      return found.tags?.['skyflow-owner'] === owner ? found : undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (isAbsent(error)) return undefined;
      throw asFailure(error, `virtual machine ${name}`);
    }
  }

  /** Asked for, not waited for. */
  private async end(group: string, name: string, owner: string, signal: AbortSignal): Promise<void> {
    if ((await this.own(group, name, owner, signal)) === undefined) return;
    try {
      await this.account.call(signal, ({ compute }, options) =>
        compute.virtualMachines.delete(group, name, { ...options, forceDeletion: true }).submitted(),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!isAbsent(error)) throw asFailure(error, `end of virtual machine ${name}`);
    }
  }

  private async told<T>(doing: string, act: Promise<T>): Promise<T> {
    try {
      return await act;
    } catch (error) {
      throw asFailure(error, doing);
    }
  }
}

const lastPart = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** Tells machines of a subscription apart. */
const idOf = (group: string, name: string): string => `${group}/${name}`.toLowerCase();

/** Groups are written in capitals in some answers. */
function listedOf({ id = '', name = '', tags = {} }: VirtualMachine): ListedMachine {
  const [, group = ''] = /\/resourceGroups\/([^/]+)\//i.exec(id) ?? [];
  return {
    id: idOf(group, name),
    name: tags['skyflow-machine'] ?? '',
    cluster: tags['skyflow-cluster'] ?? '',
    clusterName: tags['skyflow-cluster-name'] ?? '',
  };
}

const statusesOf = ({ instanceView }: VirtualMachine): string[] =>
  (instanceView?.statuses ?? []).map(({ code }) => code ?? '');

/** Spot machines that are taken back are deleted; what stands still was stopped by somebody, or fell. */
function endedByItself({ name, instanceView, priority }: VirtualMachine, status: string): ProvisionError {
  const why = (instanceView?.statuses ?? []).find(({ code }) => code === status)?.message;
  const message = `${name ?? ''} has ended (${status}): ${why ?? 'nobody here asked for it'}`;
  const kind = priority === 'Spot' ? 'capacity' : 'config';
  return new ProvisionError(kind, message, 'nothing: the next offer is tried', { line: status });
}
