/**
 * Offers of clouds, ranked by price, and what is passed over: what one cluster has learnt of an offer, a region or a cloud, all of them know
 * for a while, longer each time. Pure.
 */
import type {
  ClusterStep,
  FailureClass,
  MachineDriver,
  ProvisionCloud,
  ProvisionFailure,
  ProvisionOffer,
  TriedOffer,
} from '@skyflow/contracts';
import type { BlockedOffer, ProvisionedCluster, ProvisioningState } from './state.js';

type Place = Pick<ProvisionOffer, 'region' | 'zone' | 'type'>;

/** Tells offers apart. No two clouds name their regions alike. */
export const offerKey = ({ region, zone, type }: Place): string => `${region}/${zone ?? '*'}/${type}`;

/** Clouds that machines may be rented of. */
export const cloudsOf = ({ provider, alternatives = [] }: ProvisionCloud): Exclude<MachineDriver, 'static'>[] => [
  ...new Set([provider, ...alternatives]),
];

/** How much is passed over when it was no use: an offer without room says nothing of the next one, rights are missing in the whole cloud. */
const SCOPES: Readonly<Partial<Record<FailureClass, 'cloud' | 'region'>>> = {
  auth: 'cloud',
  config: 'region',
  network: 'region',
  quota: 'region',
};

function blockedKey(provider: string, offer: Place, cause: FailureClass): string {
  const scope = SCOPES[cause];
  if (scope === undefined) return offerKey(offer);
  return scope === 'cloud' ? provider : `${provider}/${offer.region}`;
}

/** By all of which an offer may be passed over. */
const keysOf = (provider: string, offer: Place): string[] => [offerKey(offer), `${provider}/${offer.region}`, provider];

/** What a cluster that goes elsewhere passes over from now on. */
export const refusedBy = (cluster: ProvisionedCluster, cause: FailureClass): string[] =>
  plannedOffers(cluster).map(({ driver, offer }) => blockedKey(driver, offer, cause));

/** Offers that are shown as tried. */
const SHOWN = 10;

/** What it has been planned on, with this plan, which came to nothing. */
export function triedBy(cluster: ProvisionedCluster, { message }: ProvisionFailure, at: number): TriedOffer[] {
  const offers = new Map(plannedOffers(cluster).map(({ driver, offer }) => [offerKey(offer), { driver, offer }]));
  const tried = [...offers.values()].map(({ driver, offer: { region, zone, type } }) => ({
    ...{ provider: driver, region, ...(zone === undefined ? {} : { zone }), machineType: type },
    ...{ message, at: new Date(at).toISOString() },
  }));
  return [...cluster.tried, ...tried].slice(-SHOWN);
}

function plannedOffers({ plan }: ProvisionedCluster): { driver: string; offer: Place }[] {
  return (plan?.machines ?? []).flatMap(({ driver, offer }) => (offer === undefined ? [] : [{ driver, offer }]));
}

const FIRST_BLOCK_MS = 10 * 60_000;
const LONGEST_BLOCK_MS = 24 * 3_600_000;

/** What one cluster has learnt, all of them know for a while; machines that were had clear it. */
export function blockOffers(
  { blocked }: Pick<ProvisioningState, 'blocked'>,
  cluster: ProvisionedCluster,
  step: ClusterStep,
  at: number,
): void {
  if (step.type === 'Activated') {
    for (const { driver, offer } of plannedOffers(cluster))
      for (const key of keysOf(driver, offer)) blocked.delete(key);
  }
  if (step.type !== 'RollbackStarted' || step.next !== 'Plan') return;
  for (const key of new Set(refusedBy(cluster, step.failure.class))) {
    const times = (blocked.get(key)?.times ?? 0) + 1;
    const forMs = Math.min(LONGEST_BLOCK_MS, FIRST_BLOCK_MS * 2 ** Math.min(times - 1, 20));
    blocked.set(key, { times, untilMs: at + forMs, why: step.failure.message });
  }
}

/**
 * By price over all clouds; of equal ones by name, so that it is the same every time. What was refused stays in the table, last.
 * @param refused by this cluster. @param blocked what others have learnt; it decays.
 */
export function rankOffers(
  offers: readonly ProvisionOffer[],
  refused: readonly string[],
  blocked: ReadonlyMap<string, BlockedOffer> = new Map(),
  nowMs = 0,
): ProvisionOffer[] {
  const whyNot = (offer: ProvisionOffer): string | undefined => {
    if (offer.refused !== undefined) return offer.refused;
    const keys = keysOf(offer.provider, offer);
    const tried = keys.find((key) => refused.includes(key));
    if (tried !== undefined) return TRIED[keys.indexOf(tried)];
    const block = keys.map((key) => blocked.get(key)).find((each) => each !== undefined && each.untilMs > nowMs);
    return block === undefined ? undefined : `passed over until ${new Date(block.untilMs).toISOString()}: ${block.why}`;
  };
  return offers
    .map((offer) => {
      const why = whyNot(offer);
      return why === undefined ? offer : { ...offer, refused: why };
    })
    .sort(
      (a, b) =>
        Number(a.refused !== undefined) - Number(b.refused !== undefined) ||
        a.hourly - b.hourly ||
        (offerKey(a) < offerKey(b) ? -1 : 1),
    );
}

/** As {@link keysOf}. */
const TRIED = ['it was tried and had no room', 'its region was tried in vain', 'its cloud was tried in vain'];
