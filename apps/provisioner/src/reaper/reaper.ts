/**
 * Ends what costs money and belongs to nobody. Every round: what providers list with the mark of this installation, against the log; orphans
 * are told of, looked at for a while, and ended a few at a time. What cannot be ended stays visible and is told again, for ever. Machines at
 * work that are missing from two lists, with time enough between them, are told to be lost.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  type MachineOf,
  type Orphan,
  type OrphanDraft,
  type Pace,
  type ProvisioningDraft,
  type ProvisioningState,
  type ReaperLimits,
  type RegionList,
  decideSteps,
  orphanChanges,
  orphansToEnd,
  unlistedMachines,
} from '@skyflow/domain';
import type { ProvisionFailure } from '@skyflow/contracts';
import type { DeciderParts, ServiceContext } from '@skyflow/service';
import type { EffectsOptions } from '../active/effects-options.js';
import { appendDecided } from '../active/own-entries.js';
import type { MachineDriver } from '../drivers/machine-driver.js';
import { failureOf } from '../provision-error.js';

export interface ReaperOptions extends Pick<DeciderParts<ProvisioningState>, 'projection' | 'writer'> {
  context: Pick<ServiceContext, 'logger'>;
  machineDrivers: EffectsOptions['machineDrivers'];
  pace: Pace;
  limits: ReaperLimits & { everyMs: number };
  epoch: number;
}

export interface UnaskedRegion {
  provider: string;
  region: string;
  message: string;
  advice: string;
}

export class Reaper {
  /** Machines at work that were missing from the last list of their region; since when, ms. */
  private readonly unlisted = new Map<string, number>();
  private readonly unasked = new Map<string, UnaskedRegion>();

  constructor(private readonly options: ReaperOptions) {}

  /** Regions of which the last round did not learn all, and what to do about it. */
  get blind(): UnaskedRegion[] {
    return [...this.unasked.values()];
  }

  /** Resolves when the signal aborts. A round that fails is told of, and the next one begins anew. */
  async run(signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        await this.round(signal);
      } catch (error) {
        if (isOver()) return;
        this.options.context.logger.error({ err: error }, 'orphans could not be looked for');
      }
      await pause(this.options.limits.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async round(signal: AbortSignal): Promise<void> {
    const { projection, machineDrivers, pace, limits } = this.options;
    const { installation } = projection.state;
    // Without a mark of ours, everything without one would be ours.
    if (installation === '') return;
    for (const [provider, driver] of Object.entries(machineDrivers)) {
      for (const region of driver.regions(everRentedIn(projection.state, provider))) {
        await this.look(provider, region, driver, signal);
      }
    }
    for (const orphan of orphansToEnd(projection.state, Date.now(), pace, limits)) await this.end(orphan, signal);
  }

  /** A region that cannot be asked says nothing: what is known of it stays. */
  private async look(provider: string, region: string, driver: MachineDriver, signal: AbortSignal): Promise<void> {
    const { projection, epoch } = this.options;
    const place = { provider, region };
    try {
      const refused: ProvisionFailure[] = [];
      const tell = (failure: ProvisionFailure): void => void refused.push(failure);
      const machines = await driver.list(region, projection.state.installation, signal, tell);
      this.tellOf(place, refused[0]);
      const isPartial = refused.length > 0;
      await appendDecided(this.options, (state) => [
        ...orphanChanges(state, { provider, region, machines, isPartial }, epoch),
        ...this.lost(state, { provider, region, machines }),
      ]);
    } catch (error) {
      signal.throwIfAborted();
      const failure = failureOf(error);
      // Whoever has no account there rents nothing there.
      const isOurs = regionsOf(projection.state, provider).includes(region);
      this.tellOf(place, failure.class === 'auth' && !isOurs ? undefined : failure);
    }
  }

  /** @param failure undefined: all of the region is known. */
  private tellOf(place: Pick<UnaskedRegion, 'provider' | 'region'>, failure: ProvisionFailure | undefined): void {
    const key = `${place.provider}/${place.region}`;
    if (failure === undefined) {
      this.unasked.delete(key);
      return;
    }
    const { message, advice } = failure;
    this.unasked.set(key, { ...place, message, advice });
    this.options.context.logger.warn({ ...place, message, advice }, 'a region cannot be asked for all orphans');
  }

  /** A list may lag behind: only what is missing for long enough is believed to be gone. */
  private lost(state: ProvisioningState, list: RegionList): ProvisioningDraft[] {
    const nowMs = Date.now();
    const missing = unlistedMachines(state, list);
    const ids = new Set(missing.map(idOf));
    const ofRegion = `${list.provider}/${list.region}/`;
    for (const key of this.unlisted.keys()) {
      if (key.startsWith(ofRegion) && !ids.has(key.slice(ofRegion.length))) this.unlisted.delete(key);
    }
    return missing.flatMap((one) => {
      const key = `${ofRegion}${idOf(one)}`;
      const sinceMs = this.unlisted.get(key) ?? nowMs;
      this.unlisted.set(key, sinceMs);
      const cluster = state.clusters.get(one.uid);
      if (cluster === undefined || nowMs === sinceMs || nowMs < sinceMs + this.options.pace.visibleWithinMs) return [];
      const message = `${list.provider} does not list it any more since ${new Date(sinceMs).toISOString()}`;
      return decideSteps(
        cluster,
        [{ machine: one.machine, step: { type: 'Lost', message } }],
        this.options.epoch,
        nowMs,
      );
    });
  }

  private async end(orphan: Orphan, signal: AbortSignal): Promise<void> {
    const { projection, machineDrivers, epoch } = this.options;
    const { provider, region, id } = orphan;
    const driver = machineDrivers[provider as keyof typeof machineDrivers];
    if (driver === undefined) return;
    const step = (data: OrphanDraft['data']['step']): OrphanDraft => ({
      type: 'OrphanAdvanced',
      data: { epoch, provider, region, id, step: data },
    });
    if (orphan.phase === 'Seen') await appendDecided(this.options, () => [step({ type: 'DeleteIntended' })]);
    try {
      await driver.endOrphan(orphan, projection.state.installation, signal);
    } catch (error) {
      signal.throwIfAborted();
      await appendDecided(this.options, () => [step({ type: 'DeleteFailed', failure: failureOf(error) })]);
    }
  }
}

const idOf = ({ uid, machine }: MachineOf): string => `${uid}/${machine}`;

/** Where clusters have, or had, machines. */
/** What appears late may do so when all of its cluster is gone. */
const everRentedIn = (state: ProvisioningState, provider: string): string[] => [
  ...regionsOf(state, provider),
  ...[...state.rentedIn]
    .filter((place) => place.startsWith(`${provider}/`))
    .map((place) => place.slice(provider.length + 1)),
];

const regionsOf = ({ clusters, orphans }: ProvisioningState, provider: string): string[] => [
  ...[...clusters.values()].flatMap(({ groundwork, machines }) => [
    ...(groundwork?.provider === provider ? [groundwork.region] : []),
    ...[...machines.values()].flatMap(({ driver, offer }) =>
      driver === provider && offer !== undefined ? [offer.region] : [],
    ),
  ]),
  ...[...orphans.values()].filter((orphan) => orphan.provider === provider).map(({ region }) => region),
];
