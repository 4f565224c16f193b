/**
 * Machines of Google Compute Engine. The name of a machine is worked out from ours and is one in its zone, so that none is ever made twice;
 * each request has an id by which it is known again. Labels say whose it is: what has another owner's is never touched.
 */
import type { compute_v1 } from '@googleapis/compute/build/v1.js';
import type { ProvisionOffer } from '@skyflow/contracts';
import { EVERYWHERE, type ListedMachine, type Orphan, type ProvisionMachine } from '@skyflow/domain';
import { ProvisionError } from '../../provision-error.js';
import { loginOf, offersByRegion } from '../cloud-options.js';
import type { CreatedMachine, MachineContext, MachineDriver } from '../machine-driver.js';
import { type GcpClient, lastPart } from './gcp-client.js';
import { asFailure, asOutcome, isAbsent, isThereAlready } from './gcp-errors.js';
import { clearGroundwork, deleteFirewall, firewallsOf, layGroundwork } from './gcp-groundwork.js';
import { gcpName, labelOf, requestIdOf } from './gcp-names.js';
import { offersIn } from './gcp-offers.js';
import type { GcpOptions } from './gcp-options.js';
import { OWNER_LABEL, instanceOf, ownMetadata } from './gcp-request.js';

type Instance = compute_v1.Schema$Instance;

const ENDED: ReadonlySet<string> = new Set(['STOPPING', 'STOPPED', 'SUSPENDING', 'SUSPENDED', 'TERMINATED']);

export class GcpDriver implements MachineDriver {
  constructor(
    private readonly client: GcpClient,
    private readonly options: GcpOptions,
  ) {}

  offers({ spec, signal }: Pick<MachineContext, 'spec' | 'signal'>): Promise<ProvisionOffer[]> {
    return offersByRegion(spec, this.options.regions, (region, cloud) =>
      this.told(`offers in ${region}`, offersIn(this.client, region, cloud, this.options, signal)),
    );
  }

  layGroundwork(region: string, context: MachineContext): Promise<Record<string, string>> {
    return this.told(`firewall in ${region}`, layGroundwork(this.client, region, context, this.options));
  }

  clearGroundwork(region: string, context: MachineContext): Promise<void> {
    return this.told(`firewall in ${region}`, clearGroundwork(this.client, context));
  }

  /** What is there already under its name is it: an answer was lost. */
  async create(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine> {
    const { signal } = context;
    const zone = zoneOf(machine);
    const doing = `instances.insert of ${machine.offer?.type ?? ''} in ${zone}`;
    const requestBody = instanceOf(machine, zone, context, this.options.user);
    try {
      const requestId = requestIdOf(machine.token);
      const operation = await this.client.call(signal, ({ compute, project, with: options }) =>
        compute.instances.insert({ project, zone, requestId, requestBody }, options),
      );
      await this.client.finish(operation, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isThereAlready(error)) throw asOutcome(error, doing);
      const there = await this.find(machine, context);
      if (there !== undefined) return there;
      const advice = 'end that machine, or give the cluster another name';
      throw new ProvisionError('config', `${doing}: ${requestBody.name ?? ''} is there and is not ours`, advice);
    }
    return this.created({ name: requestBody.name ?? '', zone });
  }

  /** What has ended by itself is not it any more, and says why. */
  async find(machine: ProvisionMachine, context: MachineContext): Promise<CreatedMachine | undefined> {
    const instance = await this.own(machine, context);
    if (instance === undefined) return undefined;
    if (!ENDED.has(instance.status ?? '')) return this.created(instance);
    if (machine.providerId === idOf(instance)) throw endedByItself(instance);
    return undefined;
  }

  async delete(machine: ProvisionMachine, context: MachineContext): Promise<void> {
    const instance = await this.own(machine, context);
    if (instance !== undefined) await this.end(instance, context.signal);
  }

  async isGone(machine: ProvisionMachine, context: MachineContext): Promise<boolean> {
    return (await this.own(machine, context)) === undefined;
  }

  regions(known: readonly string[]): readonly string[] {
    return [...new Set([...this.options.regions, ...known, EVERYWHERE])];
  }

  list(region: string, owner: string, signal: AbortSignal): Promise<ListedMachine[]> {
    if (region === EVERYWHERE) return this.told('firewalls.list', firewallsOf(this.client, owner, signal));
    return this.told(`instances.list in ${region}`, this.listed(region, owner, signal));
  }

  async endOrphan({ id, ground }: Pick<Orphan, 'id' | 'ground'>, owner: string, signal: AbortSignal): Promise<void> {
    if (ground === true) {
      const isOwn = (await this.list(EVERYWHERE, owner, signal)).some((each) => each.id === id);
      if (isOwn) await this.told(`firewalls.delete of ${id}`, deleteFirewall(this.client, id, signal));
      return;
    }
    const [zone = '', name = ''] = id.split('/');
    const instance = await this.instance(zone, name, owner, signal);
    if (instance !== undefined) await this.end(instance, signal);
  }

  private created(instance: Instance): CreatedMachine {
    const [network] = instance.networkInterfaces ?? [];
    const address = network?.accessConfigs?.[0]?.natIP ?? undefined;
    const internalAddress = network?.networkIP ?? undefined;
    return {
      providerId: idOf(instance),
      ...(address === undefined ? {} : { address }),
      ...(internalAddress === undefined ? {} : { internalAddress }),
      login: loginOf(this.options),
    };
  }

  private own(machine: ProvisionMachine, { owner, signal }: MachineContext): Promise<Instance | undefined> {
    return this.instance(zoneOf(machine), gcpName(machine.name), owner, signal);
  }

  /** Undefined: it is not there, or another's. */
  private async instance(
    zone: string,
    instance: string,
    owner: string,
    signal: AbortSignal,
  ): Promise<Instance | undefined> {
    try {
      const found = await this.client.call(signal, ({ compute, project, with: options }) =>
        compute.instances.get({ project, zone, instance }, options),
      );
      return found.labels?.[OWNER_LABEL] === labelOf(owner) ? found : undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (isAbsent(error)) return undefined;
      throw asFailure(error, `instances.get in ${zone}`);
    }
  }

  /** Asked for, not waited for. */
  private async end({ name, zone }: Instance, signal: AbortSignal): Promise<void> {
    const where = { zone: lastPart(zone ?? ''), instance: name ?? '' };
    try {
      await this.client.call(signal, ({ compute, project, with: options }) =>
        compute.instances.delete({ project, ...where }, options),
      );
    } catch (error) {
      signal.throwIfAborted();
      if (!isAbsent(error)) throw asFailure(error, `instances.delete in ${where.zone}`);
    }
  }

  /** All zones are asked at once; one that could not be asked makes the list worth nothing. */
  private async listed(region: string, owner: string, signal: AbortSignal): Promise<ListedMachine[]> {
    const machines: ListedMachine[] = [];
    let pageToken: string | undefined;
    do {
      const page = await this.client.call(signal, ({ compute, project, with: options }) =>
        compute.instances.aggregatedList(
          {
            project,
            filter: `labels.${OWNER_LABEL} = "${labelOf(owner)}"`,
            ...(pageToken === undefined ? {} : { pageToken }),
          },
          options,
        ),
      );
      for (const [scope, { instances = [], warning }] of Object.entries(page.items ?? {})) {
        if (!scope.startsWith(`zones/${region}-`)) continue;
        if (warning?.code === 'UNREACHABLE') {
          throw new ProvisionError('network', `${scope} cannot be asked: ${warning.message ?? ''}`, 'nothing');
        }
        machines.push(...instances.map(listedOf));
      }
      pageToken = page.nextPageToken ?? undefined;
    } while (pageToken !== undefined && pageToken !== '');
    return machines;
  }

  private async told<T>(doing: string, act: Promise<T>): Promise<T> {
    try {
      return await act;
    } catch (error) {
      throw asFailure(error, doing);
    }
  }
}

/** Tells instances of a region apart. */
const idOf = ({ name, zone }: Instance): string => `${lastPart(zone ?? '')}/${name ?? ''}`;

const listedOf = (instance: Instance): ListedMachine => ({ id: idOf(instance), ...ownMetadata(instance) });

function zoneOf({ offer, name }: ProvisionMachine): string {
  if (offer?.zone === undefined) throw new Error(`machine ${name} was planned without a zone`);
  return offer.zone;
}

/** Spot machines that are taken back are deleted at once; what is stopped was stopped by somebody, or fell. */
function endedByItself(instance: Instance): ProvisionError {
  const { status, statusMessage, scheduling } = instance;
  const why = statusMessage ?? 'nobody here asked for it';
  const kind = scheduling?.provisioningModel === 'SPOT' ? 'capacity' : 'config';
  const message = `${idOf(instance)} has ended (${status ?? ''}): ${why}`;
  return new ProvisionError(kind, message, 'nothing: the next offer is tried', { line: status ?? '' });
}
